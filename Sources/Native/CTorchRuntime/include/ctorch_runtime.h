#ifndef LODE_CTORCH_RUNTIME_H
#define LODE_CTORCH_RUNTIME_H

#include "ctorch.h"

#ifdef __cplusplus
extern "C"
#endif
/// The table of functions; found by name when the library is opened.
__attribute__((visibility("default"))) const lode_torch_functions *lode_torch_table(void);

#endif
