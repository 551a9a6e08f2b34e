// XGBoost's C API.
#ifndef LODE_CXGBOOST_SHIM_H
#define LODE_CXGBOOST_SHIM_H
#include <xgboost/c_api.h>
#endif
