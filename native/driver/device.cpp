// The simulated device.
#include <cstring>

#include "calls/admission.h"
#include "calls/calls.h"
#include "calls/of_context.h"
#include "machine/launch.h"
#include "memory/state.h"
#include "memory/suppressions.h"

namespace sim {

namespace {

constexpr int LAST_ATTRIBUTE = 147;

const char NAME[] = "charlstm simulated GPU";

std::string bus_place_of(CUdevice device) {
  return "0000:0" + std::to_string(device) + ":00.0";
}

}

CUresult cuInit(unsigned int flags) {
  end_what_never_ends();
  read_settings();
  read_suppressions();
  require(!call_must_fail(), CUDA_ERROR_UNKNOWN);
  require(flags == 0);
  initialised = !settings.no_device;
  return initialised ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE;
}

// The tables are undocumented. NVRTC 13.1 asks a loaded driver for a table, crashes if this function is missing, and
// continues without a table (measured).
CUresult cuGetExportTable(const void** table, const CUuuid* id) {
  require(table && id);
  *table = nullptr;
  return CUDA_ERROR_NOT_FOUND;
}

CUresult cuDriverGetVersion(int* version) {
  require(version);
  require(!call_must_fail(), CUDA_ERROR_UNKNOWN);
  return tell(version, settings.driver_version);
}

CUresult cuDeviceGetCount(int* count) {
  return tell(count, settings.devices);
}

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  require_device(ordinal);
  return tell(device, ordinal);
}

CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  require(name && length > 0);
  require_device(device);
  std::strncpy(name, NAME, length - 1);
  name[length - 1] = '\0';
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetAttribute(int* to, CUdevice_attribute attribute, CUdevice device) {
  require(to);
  require_device(device);
  switch (attribute) {
#define ATTRIBUTE(name, number, value) \
  case CU_DEVICE_ATTRIBUTE_##name:     \
    return tell(to, value);
#include "api/device_attributes.h"
    default:
      require(attribute >= 1 && attribute <= LAST_ATTRIBUTE);
      return tell(to, 0);
  }
}

CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
  require_device(device);
  return tell(bytes, TOTAL_MEMORY);
}

CUresult cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
  sim::cuDeviceGetAttribute(major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device);
  return sim::cuDeviceGetAttribute(minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device);
}

CUresult cuDeviceGetUuid_v2(CUuuid* id, CUdevice device) {
  require(id);
  require_device(device);
  std::memcpy(id, NAME, sizeof *id);
  id->bytes[sizeof id->bytes - 1] += char(device);
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetUuid(CUuuid* id, CUdevice device) {
  return sim::cuDeviceGetUuid_v2(id, device);
}

CUresult cuDeviceGetPCIBusId(char* id, int length, CUdevice device) {
  std::string place = bus_place_of(device);
  require(id && length > int(place.size()));
  require_device(device);
  std::memcpy(id, place.c_str(), place.size() + 1);
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetByPCIBusId(CUdevice* device, const char* id) {
  require(device && id);
  int found = 0;
  while (found < settings.devices && bus_place_of(found) != id) {
    found++;
  }
  require_device(found);
  return tell(device, found);
}

}
