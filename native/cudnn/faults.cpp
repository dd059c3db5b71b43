#include "cudnn/faults.h"

#include <algorithm>
#include <cstdlib>

#include "memory/state.h"

namespace sim {

namespace {

bool listed(const std::string& setting) {
  return std::find(settings.rnn.begin(), settings.rnn.end(), setting) != settings.rnn.end();
}

}

bool layouts_differ() {
  return listed("layouts");
}

cudnnStatus_t set_to_answer(const char* when, cudnnRNNAlgo_t algo) {
  std::string start = std::to_string(algo) + ":" + when + ":";
  for (const std::string& setting : settings.rnn) {
    if (setting.rfind(start, 0) == 0) {
      return cudnnStatus_t(std::atoi(setting.c_str() + start.size()));
    }
  }
  return CUDNN_STATUS_SUCCESS;
}

bool set_to(const char* fault, cudnnRNNAlgo_t algo) {
  return listed(std::to_string(algo) + ":" + fault);
}

}
