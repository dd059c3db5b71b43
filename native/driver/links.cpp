// Links of PTX: texts that name one another's functions and variables become one module.
#include "calls/calls.h"
#include "calls/handles.h"
#include "driver/modules.h"
#include "images/bytes.h"
#include "images/host_memory.h"
#include "images/images.h"
#include "images/linked_image.h"
#include "memory/state.h"

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

// The PTX among the bytes; the name is for messages.
CUresult add(Link& link, const char* call, CUjitInputType type, const std::string& bytes, const std::string& name) {
  const int capability = settings.capability / 10;
  if (type == CU_JIT_INPUT_PTX) {
    link.texts.push_back({name, Bytes{bytes.data(), bytes.size()}.text()});
    return CUDA_SUCCESS;
  }
  if (type != CU_JIT_INPUT_FATBINARY) {
    bool known = type >= 0 && type <= CU_JIT_INPUT_LIBRARY;
    return refuse(CUDA_ERROR_NOT_SUPPORTED, call,
                  name_of(type) + (known ? "" : std::to_string(type)) +
                      " cannot be linked: the simulated GPU links PTX, and that in fat binaries");
  }
  Image image = look_at({bytes.data(), bytes.size()}, capability, name);
  if (image.kind != ImageKind::PTX) {
    return image.kind == ImageKind::BROKEN
               ? refuse(CUDA_ERROR_INVALID_IMAGE, call, image.trouble)
               : refuse(CUDA_ERROR_NO_BINARY_FOR_GPU, call,
                        "there is no PTX for sm_" + std::to_string(capability) + " in it");
  }
  link.texts.insert(link.texts.end(), image.texts.begin(), image.texts.end());
  return CUDA_SUCCESS;
}

// The link, if it can still be added to. Options of an input are the compiler's, which change nothing.
CUresult begin_to_add(const char* call, CUlinkState handle, unsigned count, CUjit_option* options, void** values,
                      std::shared_ptr<Link>& link) {
  link = links.find(handle);
  if (!link) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!link->image.empty()) {
    return refuse(CUDA_ERROR_INVALID_VALUE, call, "the link is complete, and takes no more");
  }
  return JitOptions().read(call, count, options, values);
}

}

CUresult cuLinkCreate_v2(unsigned int count, CUjit_option* options, void** values, CUlinkState* link) {
  if (!link) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  auto made = std::make_shared<Link>();
  CUresult result = made->options.read("cuLinkCreate", count, options, values);
  if (result == CUDA_SUCCESS) {
    *link = links.add(made);
  }
  return result;
}

CUresult cuLinkAddData_v2(CUlinkState handle, CUjitInputType type, void* data, size_t size, const char* name,
                          unsigned int count, CUjit_option* options, void** values) {
  std::shared_ptr<Link> link;
  CUresult result = begin_to_add("cuLinkAddData", handle, count, options, values, link);
  if (result != CUDA_SUCCESS) {
    return result;
  }
  if (size == 0 || !readable(data, size)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  return add(*link, "cuLinkAddData", type, std::string(static_cast<const char*>(data), size), name ? name : "");
}

CUresult cuLinkAddFile_v2(CUlinkState handle, CUjitInputType type, const char* path, unsigned int count,
                          CUjit_option* options, void** values) {
  std::shared_ptr<Link> link;
  CUresult result = begin_to_add("cuLinkAddFile", handle, count, options, values, link);
  if (result != CUDA_SUCCESS) {
    return result;
  }
  std::string content;
  if (!path) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  return read_file(path, content)
             ? add(*link, "cuLinkAddFile", type, content, path)
             : refuse(CUDA_ERROR_FILE_NOT_FOUND, "cuLinkAddFile", "cannot read " + std::string(path));
}

CUresult cuLinkComplete(CUlinkState handle, void** image, size_t* size) {
  std::shared_ptr<Link> link = links.find(handle);
  if (!link) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!image) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  std::shared_ptr<const ptx::Module> module;
  CUresult result = read_texts("cuLinkComplete", link->texts, link->options, module);
  if (result != CUDA_SUCCESS) {
    return result;
  }
  link->image = linked_image(link->texts);
  *image = &link->image[0];
  if (size) {
    *size = link->image.size();
  }
  return CUDA_SUCCESS;
}

CUresult cuLinkDestroy(CUlinkState handle) {
  return links.remove(handle) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

}
