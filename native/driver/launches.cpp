// Launches of a function.
#include "calls/calls.h"
#include "driver/functions.h"
#include "driver/modules.h"
#include "driver/node_operations.h"
#include "images/host_memory.h"
#include "machine/shared_memory.h"
#include "memory/findings.h"
#include "memory/state.h"
#include "streams/streams.h"

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

// Empty if the card takes it, and the kernel, whose text may say something of its threads.
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

// Copies the arguments, or is false if one cannot be read: most often because too few were passed.
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

// The same from one buffer, in which each argument lies at the next multiple of its alignment.
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

struct Named {
  CUlaunchAttributeID id;
  const char* name;
};

#define NAMED(id) {id, #id}

// Those that are refused by their name.
const Named REFUSED[] = {
    NAMED(CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW),
    NAMED(CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY),
    NAMED(CU_LAUNCH_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE),
    NAMED(CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT),
    NAMED(CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP),
    NAMED(CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN),
};

CUresult refuse_attribute(int id) {
  std::string name = "number " + std::to_string(id);
  for (const Named& known : REFUSED) {
    name = known.id == id ? known.name : name;
  }
  return refuse(CUDA_ERROR_NOT_SUPPORTED, "cuLaunchKernelEx",
                "the launch attribute " + name + " is not simulated; leave it out");
}

// Of a launch, beside its grid.
struct Attributes {
  Dimensions cluster{0, 0, 0};
  bool cooperative = false;
  bool prior = false;  // has a priority of its own
  int priority = 0;
};

// A kernel that may begin before the one before it has ended begins after it all the same.
CUresult read_attributes(const CUlaunchConfig& config, Attributes& asked) {
  if (config.numAttrs > 0 && !readable(config.attrs, config.numAttrs * sizeof *config.attrs)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  for (unsigned i = 0; i < config.numAttrs; i++) {
    const CUlaunchAttribute& attribute = config.attrs[i];
    if (attribute.id == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION) {
      asked.cluster = {attribute.value.clusterDim.x, attribute.value.clusterDim.y, attribute.value.clusterDim.z};
      if (asked.cluster.count() == 0) {
        return refuse(CUDA_ERROR_INVALID_VALUE, "cuLaunchKernelEx", "a cluster has no blocks along x, y or z");
      }
    } else if (attribute.id == CU_LAUNCH_ATTRIBUTE_COOPERATIVE) {
      asked.cooperative = attribute.value.cooperative != 0;
    } else if (attribute.id == CU_LAUNCH_ATTRIBUTE_PRIORITY) {
      asked.prior = true;
      asked.priority = nearest_priority(attribute.value.priority);
    } else if (attribute.id != CU_LAUNCH_ATTRIBUTE_IGNORE &&
               attribute.id != CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION) {
      return refuse_attribute(attribute.id);
    }
  }
  return CUDA_SUCCESS;
}

// Makes one of the kernel's own cluster, the one that its function requires and the one asked for; all zeros is none.
CUresult set_cluster(Launch& launch, const Function& function, const Dimensions& asked) {
  const int* set = function.cluster;
  Dimensions required = launch.kernel->cluster ? Dimensions{launch.kernel->cluster, 1, 1}
                                               : Dimensions{unsigned(set[0]), unsigned(set[1]), unsigned(set[2])};
  bool requires_one = required.x || required.y || required.z;
  bool both = requires_one && asked.count() > 0;
  if (requires_one && (required.count() == 0 || (both && words(required) != words(asked)))) {
    complain("a launch of " + std::string(launch.kernel->name) + ": the kernel requires clusters of " +
             words(required) + (both ? ", not of " + words(asked) : ", which are none"));
    return CUDA_ERROR_INVALID_CLUSTER_SIZE;
  }
  const Dimensions& cluster = requires_one ? required : asked;
  // Of capabilities that have no clusters the kernel's text asks for none, and stops where it uses one.
  if (settings.capability < FIRST_WITH_CLUSTERS) {
    return launch.kernel->cluster || cluster.count() == 0 ? CUDA_SUCCESS : CUDA_ERROR_NOT_SUPPORTED;
  }
  if (cluster.y > 1 || cluster.z > 1) {
    complain("a launch of " + std::string(launch.kernel->name) + " in clusters of " + words(cluster) +
             ": only clusters along x are simulated");
    return CUDA_ERROR_INVALID_CLUSTER_SIZE;
  }
  launch.cluster = cluster.x;
  bool fits = launch.cluster <= MOST_BLOCKS_OF_A_CLUSTER && (!launch.cluster || launch.grid.x % launch.cluster == 0);
  return fits ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CLUSTER_SIZE;
}

// All blocks of a cooperative launch have to find room at once.
CUresult require_room(const Launch& launch) {
  if (launch.grid.count() <= launch.room) {
    return CUDA_SUCCESS;
  }
  complain("a cooperative launch of " + std::string(launch.kernel->name) + " with " +
           std::to_string(launch.grid.count()) + " blocks: " + std::to_string(launch.room) + " of them run at once");
  return CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE;
}

// An answer other than success says that the launch may not be.
CUresult make_operation(CUfunction handle, const CUlaunchConfig& config, const Attributes& asked, void** arguments,
                        void** extra, Operation& operation) {
  std::shared_ptr<Function> function = find_function(handle);
  if (!function) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  std::string obstacle = ptx::obstacle_of(*function->kernel);
  if (!obstacle.empty()) {
    complain("a launch of " + std::string(function->kernel->name) + ": " + obstacle);
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  auto launch = std::make_shared<Launch>();
  launch->kernel = function->kernel;
  launch->grid = {config.gridDimX, config.gridDimY, config.gridDimZ};
  launch->block = {config.blockDimX, config.blockDimY, config.blockDimZ};
  launch->shared_bytes = config.sharedMemBytes;
  launch->shared_limit = function->asked_shared >= 0 ? SHARED_LIMIT_OPTED_IN : SHARED_LIMIT;
  std::string trouble = trouble_with_shape(*launch, *function), name = launch->kernel->name;
  if (!trouble.empty()) {
    return refused(CUDA_ERROR_INVALID_VALUE, Flaw::LAUNCH, name, "a launch of " + name + " in " + trouble);
  }
  if ((extra && arguments) || !(extra ? copy_buffer(*launch, extra) : copy_arguments(*launch, arguments))) {
    return refused(CUDA_ERROR_INVALID_VALUE, Flaw::ARGUMENT, name,
                   "a launch of " + name + ": argument " + std::to_string(launch->arguments.size() + 1) + " of " +
                       std::to_string(launch->kernel->parameters) + " cannot be read, or there are too few");
  }
  CUresult result = set_cluster(*launch, *function, asked.cluster);
  launch->cooperative = asked.cooperative;
  launch->room = unsigned(blocks_at_once(*function, int(launch->block.count()), launch->shared_bytes)) *
                 MULTIPROCESSORS;
  if (result == CUDA_SUCCESS && asked.cooperative) {
    result = require_room(*launch);
  }
  if (result != CUDA_SUCCESS) {
    return result;
  }
  auto parameters = std::make_shared<NodeParameters>();
  parameters->kernel = {handle, config.gridDimX, config.gridDimY, config.gridDimZ, config.blockDimX, config.blockDimY,
                        config.blockDimZ, config.sharedMemBytes, nullptr, nullptr, nullptr, nullptr};
  parameters->arguments = launch->arguments;
  for (std::vector<unsigned char>& argument : parameters->arguments) {
    parameters->addresses.push_back(argument.data());
  }
  parameters->kernel.kernelParams = parameters->addresses.data();
  operation.what = std::string("kernel ") + launch->kernel->name;
  // A module may be unloaded before its kernel runs.
  operation.run = [launch, holder = function->holder] { return run(*launch); };
  operation.type = CU_GRAPH_NODE_TYPE_KERNEL;
  operation.priority = asked.priority;
  operation.parameters = parameters;
  return CUDA_SUCCESS;
}

CUresult launch(CUfunction handle, const CUlaunchConfig& config, const Attributes& asked, void** arguments,
                void** extra) {
  Operation operation;
  CUresult result = make_operation(handle, config, asked, arguments, extra, operation);
  return result == CUDA_SUCCESS ? enqueue(config.hStream, std::move(operation), asked.prior) : result;
}

}

CUresult kernel_operation(const CUDA_KERNEL_NODE_PARAMS& node, Operation& operation) {
  CUlaunchConfig config = {node.gridDimX, node.gridDimY, node.gridDimZ, node.blockDimX, node.blockDimY,
                           node.blockDimZ, node.sharedMemBytes, nullptr, nullptr, 0};
  CUfunction function = node.func ? node.func : reinterpret_cast<CUfunction>(node.kern);
  return make_operation(function, config, {}, node.kernelParams, node.extra, operation);
}

CUresult cuLaunchKernel(CUfunction function, unsigned int gridX, unsigned int gridY, unsigned int gridZ,
                        unsigned int blockX, unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes,
                        CUstream stream, void** arguments, void** extra) {
  CUlaunchConfig config = {gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream, nullptr, 0};
  return launch(function, config, {}, arguments, extra);
}

CUresult cuLaunchKernelEx(const CUlaunchConfig* config, CUfunction function, void** arguments, void** extra) {
  if (!readable(config, sizeof *config)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  Attributes asked;
  CUresult result = read_attributes(*config, asked);
  return result == CUDA_SUCCESS ? launch(function, *config, asked, arguments, extra) : result;
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

// The cluster of a launch that is only asked about.
CUresult cluster_of(CUfunction handle, const CUlaunchConfig* config, std::shared_ptr<Function>& function,
                    Launch& launch, bool needed) {
  function = find_function(handle);
  if (!function) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!readable(config, sizeof *config)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  launch.kernel = function->kernel;
  launch.grid = {config->gridDimX, config->gridDimY, config->gridDimZ};
  launch.block = {config->blockDimX, config->blockDimY, config->blockDimZ};
  launch.shared_bytes = config->sharedMemBytes;
  Attributes asked;
  CUresult result = read_attributes(*config, asked);
  if (result != CUDA_SUCCESS || !within_limits(launch)) {
    return result == CUDA_SUCCESS ? CUDA_ERROR_INVALID_VALUE : result;
  }
  if (settings.capability < FIRST_WITH_CLUSTERS) {
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  result = needed ? set_cluster(launch, *function, asked.cluster) : CUDA_SUCCESS;
  return result == CUDA_SUCCESS && needed && launch.cluster == 0 ? CUDA_ERROR_INVALID_CLUSTER_SIZE : result;
}

}

CUresult cuOccupancyMaxActiveClusters(int* clusters, CUfunction handle, const CUlaunchConfig* config) {
  std::shared_ptr<Function> function;
  Launch launch;
  CUresult result = clusters ? cluster_of(handle, config, function, launch, true) : CUDA_ERROR_INVALID_VALUE;
  if (result == CUDA_SUCCESS) {
    int blocks = blocks_at_once(*function, int(launch.block.count()), launch.shared_bytes) * MULTIPROCESSORS;
    *clusters = blocks / int(launch.cluster);
  }
  return result;
}

CUresult cuOccupancyMaxPotentialClusterSize(int* blocks, CUfunction handle, const CUlaunchConfig* config) {
  std::shared_ptr<Function> function;
  Launch launch;
  CUresult result = blocks ? cluster_of(handle, config, function, launch, false) : CUDA_ERROR_INVALID_VALUE;
  if (result == CUDA_SUCCESS) {
    int room = blocks_at_once(*function, int(launch.block.count()), launch.shared_bytes) * MULTIPROCESSORS;
    *blocks = 1;
    while (*blocks * 2 <= std::min(room, int(MOST_BLOCKS_OF_A_CLUSTER))) {
      *blocks *= 2;
    }
  }
  return result;
}

}
