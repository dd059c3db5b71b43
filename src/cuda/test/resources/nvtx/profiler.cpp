// A profiler's library for NVTX: it says which ranges begin and end. Where NVIDIA's headers are, its types are theirs.
#include <cstdint>
#include <cstdio>

#if __has_include(<nvtx3/nvToolsExt.h>)
#include <nvtx3/nvToolsExt.h>
static const char* const TYPES = "NVIDIA's types";
#else
typedef const void* (*NvtxGetExportTableFunc_t)(uint32_t);
typedef void (*NvtxFunctionPointer)();
typedef NvtxFunctionPointer** NvtxFunctionTable;
enum NvtxCallbackModule { NVTX_CB_MODULE_CORE = 1, NVTX_CB_MODULE_SYNC = 6 };
enum { NVTX_ETID_CALLBACKS = 1, NVTX_ETID_VERSIONINFO = 3 };
enum { NVTX_CBID_CORE_RangeStartA = 5, NVTX_CBID_CORE_RangeEnd = 7, NVTX_CBID_CORE_SIZE = 16 };
enum { NVTX_CBID_SYNC_SIZE = 7 };
struct NvtxExportTableCallbacks {
  size_t struct_size;
  int (*GetModuleFunctionTable)(NvtxCallbackModule, NvtxFunctionTable*, unsigned*);
};
struct NvtxExportTableVersionInfo {
  size_t struct_size;
  uint32_t version, reserved0;
  void (*SetInjectionNvtxVersion)(uint32_t);
};
static const char* const TYPES = "own types";
#endif

static uint64_t ranges = 40;

static uint64_t start(const char* name) {
  std::printf("range %d is %s\n", (int)++ranges, name);
  std::fflush(stdout);
  return ranges;
}

static void end(uint64_t number) {
  std::printf("range %d ends\n", (int)number);
  std::fflush(stdout);
}

extern "C" int InitializeInjectionNvtx2(NvtxGetExportTableFunc_t tables) {
  auto callbacks = (const NvtxExportTableCallbacks*)tables(NVTX_ETID_CALLBACKS);
  auto version = (const NvtxExportTableVersionInfo*)tables(NVTX_ETID_VERSIONINFO);
  version->SetInjectionNvtxVersion(3);
  NvtxFunctionTable table = nullptr;
  unsigned size = 0, last = 0;
  bool right = callbacks->struct_size == sizeof *callbacks && version->struct_size == sizeof *version
      && version->version == 3 && !tables(2) && !callbacks->GetModuleFunctionTable((NvtxCallbackModule)0, &table, &size)
      && !callbacks->GetModuleFunctionTable((NvtxCallbackModule)7, &table, &size)
      && callbacks->GetModuleFunctionTable(NVTX_CB_MODULE_SYNC, nullptr, &last) && last == NVTX_CBID_SYNC_SIZE
      && callbacks->GetModuleFunctionTable(NVTX_CB_MODULE_CORE, &table, nullptr)
      && callbacks->GetModuleFunctionTable(NVTX_CB_MODULE_CORE, &table, &size) && size == NVTX_CBID_CORE_SIZE
      && !table[0] && table[1] && !table[size];
#ifdef REFUSES
  right = false;
#else
  *table[NVTX_CBID_CORE_RangeStartA] = (NvtxFunctionPointer)start;
  *table[NVTX_CBID_CORE_RangeEnd] = (NvtxFunctionPointer)end;
#endif
  std::printf("attached with %s: %d\n", TYPES, (int)right);
  std::fflush(stdout);
  return right;
}
