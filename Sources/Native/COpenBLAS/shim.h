// OpenBLAS with LAPACKE. The macros keep <complex.h>, which Swift cannot import, out of the LAPACKE headers.
#ifndef LODE_COPENBLAS_SHIM_H
#define LODE_COPENBLAS_SHIM_H
#include <cblas.h>
#define LAPACK_COMPLEX_STRUCTURE
#define HAVE_LAPACK_CONFIG_H
#include <lapacke.h>
#endif
