#include "ctorch.h"

#include <dlfcn.h>
#include <stdio.h>

const lode_torch_functions *lode_torch_open(const char *path, char *reason, int32_t capacity) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    snprintf(reason, (size_t)capacity, "%s", dlerror());
    return NULL;
  }
  lode_torch_entry entry = (lode_torch_entry)dlsym(library, LODE_TORCH_ENTRY);
  if (entry == NULL) {
    snprintf(reason, (size_t)capacity, "%s does not export " LODE_TORCH_ENTRY, path);
    return NULL;
  }
  const lode_torch_functions *table = entry();
  if (table->version != LODE_TORCH_VERSION) {
    snprintf(
        reason, (size_t)capacity, "%s is of version %d where this program needs %d", path, (int)table->version,
        LODE_TORCH_VERSION);
    return NULL;
  }
  return table;
}
