// Asks cuDNN what it answers without a GPU, NVIDIA's (argument "nvidia") or the stand-in (argument "simulated"), and
// prints a line for each answer. .ci/nvidia compares the two.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "api/cudnn.h"

namespace {

using Handle = cudnnHandle_t;

// A handle for NVIDIA's cuDNN without a card: 9.1.0 reads of a handle only the number of multiprocessors, their threads
// and the compute capability, so zeroed memory with these values is enough.
Handle handle_of_a_card(int multiprocessors) {
  char* memory = static_cast<char*>(std::calloc(1 << 20, 1));
  const int threads = 2048, capability = 900;
  std::memcpy(memory + 28, &multiprocessors, sizeof multiprocessors);
  std::memcpy(memory + 52, &threads, sizeof threads);
  std::memcpy(memory + 96, &capability, sizeof capability);
  return reinterpret_cast<Handle>(memory);
}

// Device memory that no kernel touches: there is no card, or the stand-in defers all work.
void* memory = nullptr;

template <typename... Parameters>
void call(void* library, const char* name, Parameters... parameters) {
  auto function = reinterpret_cast<int (*)(Parameters...)>(dlsym(library, name));
  if (!function || function(parameters...) != 0) {
    std::fprintf(stderr, "%s failed\n", name);
    std::exit(1);
  }
}

// The stand-in needs a context for every call.
Handle simulated_handle() {
  void* driver = dlopen("libcuda.so.1", RTLD_NOW);
  void* context = nullptr;
  Handle handle = nullptr;
  setenv("CHARLSTM_SIM_STREAMS", "deferred", 1);
  call(driver, "cuInit", 0u);
  call(driver, "cuDevicePrimaryCtxRetain", &context, 0);
  call(driver, "cuCtxSetCurrent", context);
  call(driver, "cuMemAlloc_v2", &memory, size_t(5) << 26);
  // The first pass asks the loader for this library.
  dlopen("libcublas.so.12", RTLD_NOW);
  return cudnnCreate(&handle) == CUDNN_STATUS_SUCCESS ? handle : nullptr;
}

// The values of a network, named as the arguments of cudnnSetRNNDescriptor_v8; DROPOUT is a descriptor that was not
// set, or null for 1.
enum Argument { ALGO, CELL, BIAS, DIRECTION, INPUT_MODE, TYPE, SUMS, MATH, INPUT, HIDDEN, PROJECTION, LAYERS, DROPOUT,
                FLAGS, ARGUMENTS };
using Network = std::vector<int>;

struct Objects {
  Handle handle;
  cudnnRNNDescriptor_t rnn;
  cudnnRNNDataDescriptor_t data;
  cudnnTensorDescriptor_t matrix, bias;
  cudnnDropoutDescriptor_t dropout;
};

int described(const Objects& with, const Network& n) {
  return cudnnSetRNNDescriptor_v8(with.rnn, cudnnRNNAlgo_t(n[ALGO]), cudnnRNNMode_t(n[CELL]),
                                  cudnnRNNBiasMode_t(n[BIAS]), cudnnDirectionMode_t(n[DIRECTION]),
                                  cudnnRNNInputMode_t(n[INPUT_MODE]), cudnnDataType_t(n[TYPE]),
                                  cudnnDataType_t(n[SUMS]), cudnnMathType_t(n[MATH]), n[INPUT], n[HIDDEN],
                                  n[PROJECTION], n[LAYERS], n[DROPOUT] ? nullptr : with.dropout, n[FLAGS]);
}

void print(const char* what, const Network& n) {
  std::printf("%s", what);
  for (int value : n) {
    std::printf(" %d", value);
  }
}

// Visits every network that takes one value from each list.
template <typename Visit>
void each(const std::vector<std::vector<int>>& values, Visit visit) {
  Network n(ARGUMENTS);
  std::vector<size_t> at(ARGUMENTS);
  for (size_t i = 0; i < ARGUMENTS;) {
    for (i = 0; i < ARGUMENTS; i++) {
      n[i] = values[i][at[i]];
    }
    visit(n);
    for (i = 0; i < ARGUMENTS && ++at[i] == values[i].size(); i++) {
      at[i] = 0;
    }
  }
}

void descriptions(const Objects& with) {
  each({{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 1, 2, 3}, {0, 1}, {0, 1}, {0, 1, 2, 3, 9}, {0, 1, 2, 3, 9}, {0, 1, 2, 3}, {128},
        {128}, {128, 64, 129, 0}, {2}, {0}, {0, 1}},
       [&](const Network& n) {
         int status = described(with, n);
         print("network", n);
         std::printf(" = %d\n", status);
       });
  // Two mistakes at a time show which is found first.
  const int mistakes[][2] = {{ALGO, -1}, {ALGO, 4}, {CELL, -1}, {CELL, 4}, {BIAS, -1}, {BIAS, 4}, {DIRECTION, 2},
                             {INPUT_MODE, 2}, {TYPE, 3}, {TYPE, 9}, {TYPE, 17}, {SUMS, 1}, {SUMS, 17}, {MATH, -1},
                             {MATH, 4}, {INPUT, 0}, {INPUT, 37}, {HIDDEN, 0}, {PROJECTION, 0}, {PROJECTION, 129},
                             {PROJECTION, 64}, {LAYERS, 0}, {DROPOUT, 1}, {FLAGS, 2}, {FLAGS, -1}};
  for (int algo = 0; algo < 4; algo++) {
    for (int bias : {0, 2}) {
      for (auto& one : mistakes) {
        for (auto& other : mistakes) {
          Network n{algo, 2, bias, 0, 0, 0, 0, 3, 128, 128, 128, 2, 0, 1};
          n[one[0]] = one[1];
          n[other[0]] = other[1];
          int status = described(with, n);
          print("network", n);
          std::printf(" = %d\n", status);
        }
      }
    }
  }
}

void sequences(const Objects& with) {
  const std::vector<std::vector<int>> lengths = {{5, 5, 5}, {5, 4, 1}, {1, 5, 2}, {4, 4, 3}, {5, 5, 0}, {6, 0, 1},
                                                 {0, 6, 1}, {5, -1, 0}};
  float fill = 0;
  for (int type = -1; type < 17; type++) {
    for (int layout = -1; layout < 4; layout++) {
      for (int steps : {5, 0, -1, 65535, 65536}) {
        for (int width : {7, 0}) {
          for (const std::vector<int>& of : lengths) {
            int status = cudnnSetRNNDataDescriptor(with.data, cudnnDataType_t(type), cudnnRNNDataLayout_t(layout),
                                                   steps, int(of.size()), width, of.data(), width ? nullptr : &fill);
            std::printf("sequences %d %d %d %d of %d %d %d = %d\n", type, layout, steps, width, of[0], of[1], of[2],
                        status);
          }
        }
      }
    }
    const int sizes[] = {1, 2, 3}, strides[] = {6, 3, 1};
    std::printf("tensor %d = %d\n", type,
                cudnnSetTensorNdDescriptor(with.matrix, cudnnDataType_t(type), 3, sizes, strides));
  }
}

void told(cudnnTensorDescriptor_t tensor, const void* address, const char* base) {
  cudnnDataType_t type;
  int count = 0, sizes[3] = {}, strides[3] = {};
  cudnnGetTensorNdDescriptor(tensor, 3, &type, &count, sizes, strides);
  std::printf(" %ld: %d, %d, %d %d %d, %d %d %d", address ? long(static_cast<const char*>(address) - base) : -1L,
              int(type), count, sizes[0], sizes[1], sizes[2], strides[0], strides[1], strides[2]);
}

void places(const Objects& with) {
  const char* base = reinterpret_cast<const char*>(0x100000000);
  each({{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 1, 2, 3}, {0, 1}, {0, 1}, {0, 1, 2}, {0, 1}, {3}, {37, 13}, {37}, {37, 11},
        {1, 3}, {0}, {1}},
       [&](const Network& n) {
         size_t bytes = 0;
         if (described(with, n) != 0) {
           return;
         }
         int status = cudnnGetRNNWeightSpaceSize(with.handle, with.rnn, &bytes);
         print("weights", n);
         std::printf(" = %d %zu", status, bytes);
         for (int layer = 0; layer <= 2 * n[LAYERS]; layer++) {
           for (int linear = 0; linear < 11; linear++) {
             void *matrix = nullptr, *bias = nullptr;
             status = cudnnGetRNNWeightParams(with.handle, with.rnn, layer, bytes, base, linear, with.matrix, &matrix,
                                              with.bias, &bias);
             std::printf("; %d %d = %d", layer, linear, status);
             if (status == 0) {
               told(with.matrix, matrix, base);
               told(with.bias, bias, base);
             }
           }
         }
         std::printf("\n");
       });
}

int space(const Objects& with) {
  size_t work, reserve;
  int status = cudnnGetRNNTempSpaceSizes(with.handle, with.rnn, CUDNN_FWD_MODE_TRAINING, with.data, &work, &reserve);
  // Without a card NVIDIA's cuDNN fails later, after it has accepted the sizes.
  return status == 5000 ? 0 : status;
}

// Tries the networks that the stand-in computes: how many units an algorithm accepts, and which sequences.
void spaces(const Objects& with) {
  const int equal[] = {5, 5};
  for (int algo = 0; algo < 4; algo++) {
    for (int cell = 0; cell < 4; cell++) {
      for (int hidden : {1, 37, 128, 192, 193, 384, 385, 1536, 1537, 2560, 2561, 4096}) {
        for (int other = 0; other < 3; other++) {
          described(with, {algo, cell, 2, 0, 0, 0, 0, 3, 38, hidden, hidden, 2, 0, 1});
          cudnnSetRNNDataDescriptor(with.data, cudnnDataType_t(other == 1), CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED,
                                    5, 2, other == 2 ? 39 : 38, equal, nullptr);
          std::printf("space %d %d %d %d = %d\n", algo, cell, hidden, other, space(with));
        }
      }
    }
  }
}

// Tries both directions, projections, layouts and lengths of sequences, with and without padding.
void other_sequences(const Objects& with) {
  const std::vector<std::vector<int>> lengths = {{5, 5, 5}, {5, 4, 1}, {1, 5, 2}, {4, 4, 3}, {4, 4, 4}};
  each({{0, 1, 2, 3}, {0, 1, 2, 3}, {2}, {0, 1}, {0}, {0}, {0}, {3}, {38}, {37}, {37, 11}, {1, 2}, {0}, {0, 1}},
       [&](const Network& n) {
         if (described(with, n) != 0) {
           return;
         }
         for (int layout = 0; layout < 3; layout++) {
           for (const std::vector<int>& of : lengths) {
             int set = cudnnSetRNNDataDescriptor(with.data, CUDNN_DATA_FLOAT, cudnnRNNDataLayout_t(layout), 5, 3, 38,
                                                 of.data(), nullptr);
             if (set == 0) {
               print("space", n);
               std::printf(" %d of %d %d %d = %d\n", layout, of[0], of[1], of[2], space(with));
             }
           }
         }
       });
}

void* part(size_t number) {
  return static_cast<char*>(memory) + (number << 26);
}

int forward(const Objects& with, cudnnRNNDataDescriptor_t y) {
  int status = cudnnRNNForward(with.handle, with.rnn, CUDNN_FWD_MODE_TRAINING, nullptr, with.data, part(0), y, part(1),
                               with.matrix, nullptr, nullptr, with.bias, nullptr, nullptr, 1 << 24, part(2), 1 << 26,
                               part(3), 1 << 26, part(4));
  // Without a card NVIDIA's cuDNN fails later.
  return status == 4000 || status == 5000 ? 0 : status;
}

// Tries layouts and lengths together in a pass. PERSIST_DYNAMIC would have to be built.
void passes(const Objects& with) {
  const std::vector<std::vector<int>> lengths = {{5, 5, 5}, {5, 4, 1}, {4, 4, 4}, {5, 1, 4}};
  cudnnRNNDataDescriptor_t y;
  cudnnCreateRNNDataDescriptor(&y);
  auto ask = [&](const Network& n) {
    if (described(with, n) != 0) {
      return;
    }
    int directions = 1 + n[DIRECTION], h = n[PROJECTION];
    const int state[] = {directions, 3, h}, strides[] = {3 * h, h, 1};
    const int cells[] = {directions, 3, 37}, cell_strides[] = {111, 37, 1};
    cudnnSetTensorNdDescriptor(with.matrix, CUDNN_DATA_FLOAT, 3, state, strides);
    cudnnSetTensorNdDescriptor(with.bias, CUDNN_DATA_FLOAT, 3, cells, cell_strides);
    for (int i = 0; i < 9 * 16; i++) {
      const std::vector<int>&of_x = lengths[i % 4], &of_y = lengths[i / 4 % 4];
      int x_layout = i / 16 % 3, y_layout = i / 48;
      // Only running a pass tells whether packed sequences must be sorted.
      bool sorted = i % 4 != 3 || x_layout != 1;
      if (sorted && cudnnSetRNNDataDescriptor(with.data, CUDNN_DATA_FLOAT, cudnnRNNDataLayout_t(x_layout), 5, 3, 38,
                                              of_x.data(), nullptr) == 0 &&
          cudnnSetRNNDataDescriptor(y, CUDNN_DATA_FLOAT, cudnnRNNDataLayout_t(y_layout), 5, 3, h * directions,
                                    of_y.data(), nullptr) == 0) {
        print("forward", n);
        std::printf(" %d %d of %d %d = %d\n", x_layout, y_layout, i % 4, i / 4 % 4, forward(with, y));
      }
    }
  };
  each({{0, 1, 3}, {2}, {2}, {0, 1}, {0}, {0}, {0}, {3}, {38}, {37}, {37, 11}, {1}, {0}, {0, 1}}, ask);
}

void dropout(const Objects& with, Handle small) {
  for (Handle handle : {Handle(), small}) {
    size_t bytes = 77;
    int status = cudnnDropoutGetStatesSize(handle, &bytes);
    std::printf("states %d = %d %zu\n", handle != nullptr, status, bytes);
    for (float rate : {0.0f, 0.25f, 1.0f, 1.5f, -0.5f, 0.0f / 0.0f}) {
      for (size_t size : {0, 16}) {
        cudnnDropoutDescriptor_t descriptor;
        cudnnCreateDropoutDescriptor(&descriptor);
        std::printf("dropout %d %g %zu = %d\n", handle != nullptr, double(rate), size,
                    cudnnSetDropoutDescriptor(descriptor, handle, rate, nullptr, size, 5));
      }
    }
  }
  std::printf("dropout of null = %d\n", cudnnSetDropoutDescriptor(nullptr, with.handle, 0, nullptr, 0, 5));
}

}

int main(int count, char** arguments) {
  bool simulated = count > 1 && std::strcmp(arguments[1], "simulated") == 0;
  Objects with{};
  memory = reinterpret_cast<void*>(0x7f0000000000);
  with.handle = simulated ? simulated_handle() : handle_of_a_card(132);
  if (!with.handle || cudnnCreateRNNDescriptor(&with.rnn) || cudnnCreateRNNDataDescriptor(&with.data) ||
      cudnnCreateTensorDescriptor(&with.matrix) || cudnnCreateTensorDescriptor(&with.bias) ||
      cudnnCreateDropoutDescriptor(&with.dropout)) {
    std::fprintf(stderr, "cuDNN makes no handle or descriptor\n");
    return 1;
  }
  descriptions(with);
  sequences(with);
  places(with);
  spaces(with);
  other_sequences(with);
  passes(with);
  // The simulated GPU has few multiprocessors.
  dropout(with, simulated ? with.handle : handle_of_a_card(4));
}
