// Links of PTX: texts that name one another's functions and variables become one module.
#include "calls/calls.h"
#include "calls/handles.h"
#include "driver/modules.h"
#include "driver/refuse.h"
#include "images/bytes.h"
#include "images/images.h"
#include "images/linked_image.h"

namespace sim {

namespace {

struct Link {
  JitOptions options;
  std::vector<ptx::Text> texts;
  std::string image;  // once it is complete
};

Handles<CUlinkState, Link> links;

const char* name_of(CUjitInputType type) {
  switch (type) {
    case CU_JIT_INPUT_CUBIN: return "a CUBIN";
    case CU_JIT_INPUT_OBJECT: return "an object file";
    case CU_JIT_INPUT_LIBRARY: return "a library";
    default: return "an input of number ";
  }
}

// Adds the PTX in the bytes; the name is for messages.
CUresult add(Link& link, const char* call, CUjitInputType type, const std::string& bytes, const std::string& name) {
  const int capability = settings.capability / 10;
  if (type == CU_JIT_INPUT_PTX) {
    link.texts.push_back({name, Bytes{bytes.data(), bytes.size()}.text()});
    return CUDA_SUCCESS;
  }
  // libcudadevrt, for launches by kernels: it has machine code, and PTX for newer cards. Programs always add it.
  if (type == CU_JIT_INPUT_LIBRARY && bytes.find("cuda_device_runtime") != std::string::npos) {
    return CUDA_SUCCESS;
  }
  Image image = look_at({bytes.data(), bytes.size()}, capability, name);
  // The simulated NVRTC's code stands for a CUBIN, and is PTX.
  bool compiled = type == CU_JIT_INPUT_CUBIN && (image.by_nvidias || image.kind == ImageKind::BROKEN);
  if (type != CU_JIT_INPUT_FATBINARY && !compiled) {
    bool known = type >= 0 && type <= CU_JIT_INPUT_LIBRARY;
    refuse(CUDA_ERROR_NOT_SUPPORTED, call,
           name_of(type) + (known ? "" : std::to_string(type)) +
               " cannot be linked: the simulated GPU links PTX, and that in fat binaries");
  }
  if (image.kind == ImageKind::BROKEN) {
    refuse(CUDA_ERROR_INVALID_IMAGE, call, image.trouble);
  }
  if (image.kind != ImageKind::PTX) {
    refuse(CUDA_ERROR_NO_BINARY_FOR_GPU, call, "there is no PTX for sm_" + std::to_string(capability) + " in it");
  }
  link.texts.insert(link.texts.end(), image.texts.begin(), image.texts.end());
  return CUDA_SUCCESS;
}

// The link if it is not complete yet. Options of an input concern the compiler, and have no effect.
std::shared_ptr<Link> link_to_add_to(const char* call, CUlinkState handle, unsigned count, CUjit_option* options,
                                     void** values) {
  std::shared_ptr<Link> link = found(links.find(handle));
  if (!link->image.empty()) {
    refuse(CUDA_ERROR_INVALID_VALUE, call, "the link is complete, and takes no more");
  }
  require_success(JitOptions().read(call, count, options, values));
  return link;
}

}

CUresult cuLinkCreate_v2(unsigned int count, CUjit_option* options, void** values, CUlinkState* link) {
  require(link);
  auto made = std::make_shared<Link>();
  require_success(made->options.read("cuLinkCreate", count, options, values));
  return tell(link, links.add(made));
}

CUresult cuLinkAddData_v2(CUlinkState handle, CUjitInputType type, void* data, size_t size, const char* name,
                          unsigned int count, CUjit_option* options, void** values) {
  std::shared_ptr<Link> link = link_to_add_to("cuLinkAddData", handle, count, options, values);
  require(size && readable(data, size));
  return add(*link, "cuLinkAddData", type, std::string(static_cast<const char*>(data), size), name ? name : "");
}

CUresult cuLinkAddFile_v2(CUlinkState handle, CUjitInputType type, const char* path, unsigned int count,
                          CUjit_option* options, void** values) {
  std::shared_ptr<Link> link = link_to_add_to("cuLinkAddFile", handle, count, options, values);
  return add(*link, "cuLinkAddFile", type, content_of("cuLinkAddFile", path), path);
}

CUresult cuLinkComplete(CUlinkState handle, void** image, size_t* size) {
  std::shared_ptr<Link> link = found(links.find(handle));
  require(image);
  read_texts("cuLinkComplete", link->texts, link->options);
  link->image = linked_image(link->texts);
  *image = &link->image[0];
  if (size) {
    *size = link->image.size();
  }
  return CUDA_SUCCESS;
}

CUresult cuLinkDestroy(CUlinkState handle) {
  return require(links.remove(handle), CUDA_ERROR_INVALID_HANDLE);
}

}
