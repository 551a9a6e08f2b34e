// zlib, for gzip streams.
#ifndef LODE_CZLIB_SHIM_H
#define LODE_CZLIB_SHIM_H
#include <zlib.h>
#endif
