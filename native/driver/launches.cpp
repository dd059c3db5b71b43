// Launches of a function.
#include <cstring>

#include "calls/calls.h"
#include "driver/functions.h"
#include "driver/node_operations.h"
#include "driver/refuse.h"
#include "machine/shared_memory.h"
#include "memory/findings.h"
#include "ptx/module.h"

namespace sim {

namespace {

bool within_limits(const Launch& launch) {
  uint64_t threads = launch.block.count();
  return launch.grid.count() > 0 && threads > 0 && threads <= MOST_THREADS &&
         launch.block.within(MOST_THREADS_ALONG) && launch.grid.within(MOST_BLOCKS_ALONG);
}

std::string words(const Dimensions& size) {
  return std::to_string(size.x) + " x " + std::to_string(size.y) + " x " + std::to_string(size.z);
}

// The mistake in the launch's shape, by the card's limits or the kernel's own; or empty.
std::string trouble_with_shape(const Launch& launch, const Function& function) {
  const unsigned* required = launch.kernel->required_threads;
  Dimensions wanted{required[0], required[1], required[2]};
  if (!within_limits(launch)) {
    return "a grid of " + words(launch.grid) + ", blocks of " + words(launch.block) + ": a grid has 1 to " +
           words(MOST_BLOCKS_ALONG) + " blocks, a block 1 to " + std::to_string(MOST_THREADS) + " threads, at most " +
           words(MOST_THREADS_ALONG);
  }
  if (wanted.count() > 0 && words(wanted) != words(launch.block)) {
    return "blocks of " + words(launch.block) + ": the kernel requires blocks of " + words(wanted) + " (.reqntid)";
  }
  if (launch.block.count() > uint64_t(function.most_threads())) {
    return "blocks of " + words(launch.block) + ": the kernel takes at most " +
           std::to_string(function.most_threads()) + " threads (.maxntid)";
  }
  if (launch.shared_bytes > unsigned(function.dynamic_shared_limit())) {
    return "blocks with " + std::to_string(launch.shared_bytes) + " bytes of dynamic shared memory: it may have " +
           std::to_string(function.dynamic_shared_limit()) + ", and more where a function's attribute asks for it";
  }
  return "";
}

// Copies the arguments; false if an argument cannot be read, most often because too few were passed.
bool copy_arguments(Launch& launch, void** arguments) {
  size_t count = launch.kernel->parameters;
  if (!readable(arguments, count * sizeof *arguments)) {
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    size_t size = launch.kernel->sizes[i];
    if (!readable(arguments[i], size)) {
      return false;
    }
    auto* bytes = static_cast<const unsigned char*>(arguments[i]);
    launch.arguments.emplace_back(bytes, bytes + size);
  }
  return true;
}

// The same from a buffer in which each argument lies at the next multiple of its alignment.
bool copy_buffer(Launch& launch, void** extra) {
  const char* buffer = nullptr;
  size_t size = 0;
  for (; readable(extra, sizeof *extra) && *extra != CU_LAUNCH_PARAM_END; extra += 2) {
    if (!readable(extra, 2 * sizeof *extra) || !readable(extra[1], 1)) {
      return false;
    }
    if (*extra == CU_LAUNCH_PARAM_BUFFER_POINTER) {
      buffer = static_cast<const char*>(extra[1]);
    } else if (*extra == CU_LAUNCH_PARAM_BUFFER_SIZE) {
      size = *static_cast<size_t*>(extra[1]);
    } else {
      return false;
    }
  }
  std::vector<void*> arguments;
  size_t end = 0;
  for (size_t i = 0; i < launch.kernel->parameters; i++) {
    size_t alignment = launch.kernel->alignments[i];
    size_t start = (end + alignment - 1) / alignment * alignment;
    arguments.push_back(const_cast<char*>(buffer + start));
    end = start + launch.kernel->sizes[i];
  }
  return (buffer || end == 0) && end <= size && copy_arguments(launch, arguments.data());
}

// The memory that addresses among the arguments lead to.
std::vector<Reached> reached_by(const Launch& launch) {
  std::vector<Reached> all;
  for (const std::vector<unsigned char>& argument : launch.arguments) {
    for (size_t at = 0; at + sizeof(Address) <= argument.size(); at += sizeof(Address)) {
      Address address;
      std::memcpy(&address, argument.data() + at, sizeof address);
      if (const Allocation* memory = allocation_of(address, 1)) {
        all.push_back({memory->start, memory->size, true});
      }
    }
  }
  return all;
}

struct Named {
  CUlaunchAttributeID id;
  const char* name;
};

#define NAMED(id) {id, #id}

// Attributes that are refused by name.
const Named REFUSED[] = {
    NAMED(CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW),
    NAMED(CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY),
    NAMED(CU_LAUNCH_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE),
    NAMED(CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT),
    NAMED(CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP),
    NAMED(CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN),
};

[[noreturn]] void refuse_attribute(int id) {
  std::string name = "number " + std::to_string(id);
  for (const Named& known : REFUSED) {
    name = known.id == id ? known.name : name;
  }
  refuse(CUDA_ERROR_NOT_SUPPORTED, "cuLaunchKernelEx",
         "the launch attribute " + name + " is not simulated; leave it out");
}

// The attributes of a launch, other than its grid.
struct Attributes {
  Dimensions cluster{0, 0, 0};
  bool cooperative = false;
  bool early = false;  // may begin before the kernel before it has ended
  bool prior = false;  // has a priority of its own
  int priority = 0;
};

Attributes read_attributes(const CUlaunchConfig& config) {
  Attributes asked;
  require(config.numAttrs == 0 || readable(config.attrs, config.numAttrs * sizeof *config.attrs));
  for (unsigned i = 0; i < config.numAttrs; i++) {
    const CUlaunchAttribute& attribute = config.attrs[i];
    if (attribute.id == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION) {
      asked.cluster = {attribute.value.clusterDim.x, attribute.value.clusterDim.y, attribute.value.clusterDim.z};
      if (asked.cluster.count() == 0) {
        refuse(CUDA_ERROR_INVALID_VALUE, "cuLaunchKernelEx", "a cluster has no blocks along x, y or z");
      }
    } else if (attribute.id == CU_LAUNCH_ATTRIBUTE_COOPERATIVE) {
      asked.cooperative = attribute.value.cooperative != 0;
    } else if (attribute.id == CU_LAUNCH_ATTRIBUTE_PRIORITY) {
      asked.prior = true;
      asked.priority = nearest_priority(attribute.value.priority);
    } else if (attribute.id == CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION) {
      asked.early = attribute.value.programmaticStreamSerializationAllowed && settings.capability >= FIRST_EARLY;
    } else if (attribute.id != CU_LAUNCH_ATTRIBUTE_IGNORE) {
      refuse_attribute(attribute.id);
    }
  }
  return asked;
}

unsigned most_blocks_of_cluster(const Function& function) {
  return function.larger_clusters ? MOST_BLOCKS_IF_ALLOWED : MOST_BLOCKS_OF_A_CLUSTER;
}

// Combines the kernel's own cluster, the function's required cluster and the requested one; zeros mean none.
void set_cluster(Launch& launch, const Function& function, const Dimensions& asked) {
  const int* set = function.cluster;
  Dimensions required = launch.kernel->cluster ? Dimensions{launch.kernel->cluster, 1, 1}
                                               : Dimensions{unsigned(set[0]), unsigned(set[1]), unsigned(set[2])};
  std::string call = "a launch of " + std::string(launch.kernel->name);
  bool requires_one = required.x || required.y || required.z;
  bool both = requires_one && asked.count() > 0;
  if (requires_one && (required.count() == 0 || (both && words(required) != words(asked)))) {
    refuse(CUDA_ERROR_INVALID_CLUSTER_SIZE, call,
           "the kernel requires clusters of " + words(required) +
               (both ? ", not of " + words(asked) : ", which are none"));
  }
  const Dimensions& cluster = requires_one ? required : asked;
  // Of capabilities that have no clusters the kernel's text asks for none, and stops where it uses one.
  if (settings.capability < FIRST_WITH_CLUSTERS) {
    require(launch.kernel->cluster || cluster.count() == 0, CUDA_ERROR_NOT_SUPPORTED);
    return;
  }
  if (cluster.y > 1 || cluster.z > 1) {
    refuse(CUDA_ERROR_INVALID_CLUSTER_SIZE, call + " in clusters of " + words(cluster),
           "only clusters along x are simulated");
  }
  launch.cluster = cluster.x;
  if (launch.cluster > MOST_BLOCKS_OF_A_CLUSTER && launch.cluster <= MOST_BLOCKS_IF_ALLOWED &&
      !function.larger_clusters) {
    refuse(CUDA_ERROR_INVALID_CLUSTER_SIZE, call + " in clusters of " + words(cluster),
           "more than 8 blocks need CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED");
  }
  require(launch.cluster <= most_blocks_of_cluster(function) &&
              (!launch.cluster || launch.grid.x % launch.cluster == 0),
          CUDA_ERROR_INVALID_CLUSTER_SIZE);
}

unsigned room_for(const Launch& launch, const Function& function) {
  return unsigned(blocks_at_once(function, int(launch.block.count()), launch.shared_bytes)) * MULTIPROCESSORS;
}

void set_shape(Launch& launch, const Function& function, const CUlaunchConfig& config) {
  launch.kernel = function.kernel;
  launch.grid = {config.gridDimX, config.gridDimY, config.gridDimZ};
  launch.block = {config.blockDimX, config.blockDimY, config.blockDimZ};
  launch.shared_bytes = config.sharedMemBytes;
}

Operation make_operation(CUfunction handle, const CUlaunchConfig& config, const Attributes& asked, void** arguments,
                         void** extra) {
  std::shared_ptr<Function> function = found(find_function(handle));
  std::string name = function->kernel->name, obstacle = ptx::obstacle_of(*function->kernel);
  if (!obstacle.empty()) {
    refuse(CUDA_ERROR_NOT_SUPPORTED, "a launch of " + name, obstacle);
  }
  auto launch = std::make_shared<Launch>();
  set_shape(*launch, *function, config);
  launch->shared_limit = function->asked_shared >= 0 ? SHARED_LIMIT_OPTED_IN : SHARED_LIMIT;
  std::string trouble = trouble_with_shape(*launch, *function);
  if (!trouble.empty()) {
    throw Refused{refused(CUDA_ERROR_INVALID_VALUE, Flaw::LAUNCH, name, "a launch of " + name + " in " + trouble)};
  }
  if ((extra && arguments) || !(extra ? copy_buffer(*launch, extra) : copy_arguments(*launch, arguments))) {
    throw Refused{refused(CUDA_ERROR_INVALID_VALUE, Flaw::ARGUMENT, name,
                          "a launch of " + name + ": argument " + std::to_string(launch->arguments.size() + 1) +
                              " of " + std::to_string(launch->kernel->parameters) +
                              " cannot be read, or there are too few")};
  }
  set_cluster(*launch, *function, asked.cluster);
  launch->cooperative = asked.cooperative;
  launch->room = room_for(*launch, *function);
  // All blocks of a cooperative launch have to find room at once.
  if (asked.cooperative && launch->grid.count() > launch->room) {
    refuse(CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE, Flaw::LAUNCH,
           "a cooperative launch of " + name + " with " + std::to_string(launch->grid.count()) + " blocks",
           std::to_string(launch->room) + " of them run at once",
           "Launch no more blocks than cudaOccupancyMaxActiveBlocksPerMultiprocessor() gives for all multiprocessors");
  }
  auto parameters = parameters_of(CUDA_KERNEL_NODE_PARAMS{handle, config.gridDimX, config.gridDimY, config.gridDimZ,
                                                          config.blockDimX, config.blockDimY, config.blockDimZ,
                                                          config.sharedMemBytes, nullptr, nullptr, nullptr, nullptr});
  parameters->arguments = launch->arguments;
  for (std::vector<unsigned char>& argument : parameters->arguments) {
    parameters->addresses.push_back(argument.data());
  }
  std::get<CUDA_KERNEL_NODE_PARAMS>(parameters->described).kernelParams = parameters->addresses.data();
  // A module may be unloaded before its kernel runs.
  Operation operation = {"kernel " + name, [launch, holder = function->holder] { return run(*launch); },
                         CU_GRAPH_NODE_TYPE_KERNEL};
  operation.reached = reached_by(*launch);
  operation.priority = asked.priority;
  operation.early = asked.early;
  context.launches_early |= asked.early;
  operation.parameters = parameters;
  return operation;
}

CUresult launch(CUfunction handle, const CUlaunchConfig& config, const Attributes& asked, void** arguments,
                void** extra) {
  if (int device = device_of(*found(find_stream(config.hStream))); device != device_now) {
    refuse(CUDA_ERROR_INVALID_HANDLE, Flaw::MISUSE, "a launch", "its stream is of device " + std::to_string(device) +
           ", and device " + std::to_string(device_now) + " is current", "Call cudaSetDevice or cuCtxSetCurrent first");
  }
  return enqueue(config.hStream, make_operation(handle, config, asked, arguments, extra), asked.prior);
}

}

Operation operation_of(const CUDA_KERNEL_NODE_PARAMS& node) {
  CUlaunchConfig config = {node.gridDimX, node.gridDimY, node.gridDimZ, node.blockDimX, node.blockDimY,
                           node.blockDimZ, node.sharedMemBytes, nullptr, nullptr, 0};
  CUfunction function = node.func ? node.func : reinterpret_cast<CUfunction>(node.kern);
  return make_operation(function, config, {}, node.kernelParams, node.extra);
}

CUresult cuLaunchKernel(CUfunction function, unsigned int gridX, unsigned int gridY, unsigned int gridZ,
                        unsigned int blockX, unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes,
                        CUstream stream, void** arguments, void** extra) {
  CUlaunchConfig config = {gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream, nullptr, 0};
  return launch(function, config, {}, arguments, extra);
}

CUresult cuLaunchKernelEx(const CUlaunchConfig* config, CUfunction function, void** arguments, void** extra) {
  return launch(function, *config, read_attributes(passed(config)), arguments, extra);
}

CUresult cuLaunchCooperativeKernel(CUfunction function, unsigned int gridX, unsigned int gridY, unsigned int gridZ,
                                   unsigned int blockX, unsigned int blockY, unsigned int blockZ,
                                   unsigned int sharedBytes, CUstream stream, void** arguments) {
  CUlaunchConfig config = {gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream, nullptr, 0};
  Attributes asked;
  asked.cooperative = true;
  return launch(function, config, asked, arguments, nullptr);
}

namespace {

// The number of blocks on the whole device for a launch that is only queried.
int room_for(CUfunction handle, const CUlaunchConfig* config, Launch& launch, bool cluster_needed) {
  std::shared_ptr<Function> function = found(find_function(handle));
  set_shape(launch, *function, passed(config));
  Attributes asked = read_attributes(*config);
  require(within_limits(launch));
  require(settings.capability >= FIRST_WITH_CLUSTERS, CUDA_ERROR_NOT_SUPPORTED);
  if (cluster_needed) {
    set_cluster(launch, *function, asked.cluster);
    require(launch.cluster, CUDA_ERROR_INVALID_CLUSTER_SIZE);
  }
  return int(room_for(launch, *function));
}

}

CUresult cuOccupancyMaxActiveClusters(int* clusters, CUfunction function, const CUlaunchConfig* config) {
  require(clusters);
  Launch launch;
  int room = room_for(function, config, launch, true);
  return tell(clusters, room / int(launch.cluster));
}

CUresult cuOccupancyMaxPotentialClusterSize(int* blocks, CUfunction function, const CUlaunchConfig* config) {
  require(blocks);
  Launch launch;
  int room = room_for(function, config, launch, false);
  *blocks = 1;
  int most = int(most_blocks_of_cluster(*found(find_function(function))));
  while (*blocks * 2 <= std::min(room, most)) {
    *blocks *= 2;
  }
  return CUDA_SUCCESS;
}

}
