#include "calls/calls.h"

namespace sim {

namespace {

struct Status {
  CUresult code;
  const char *name, *words;
};

const Status STATUSES[] = {
#define STATUS(name, value, words) {name, #name, words},
#include "api/statuses.h"
};

CUresult find(CUresult code, const char** told, const char* Status::* what) {
  require(told);
  *told = nullptr;
  for (const Status& known : STATUSES) {
    *told = known.code == code ? known.*what : *told;
  }
  return *told ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

}

CUresult cuGetErrorName(CUresult code, const char** name) {
  return find(code, name, &Status::name);
}

CUresult cuGetErrorString(CUresult code, const char** words) {
  return find(code, words, &Status::words);
}

}
