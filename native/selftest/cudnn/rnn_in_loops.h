// A recurrent network, forward and backward, in plain loops of double: what is rounded in reduced precision is rounded
// by name.
#pragma once
#include "selftest/cudnn/network.h"

// Rounds to so many significant bits; 0 leaves everything as it is.
struct Rounding {
  // Rounds factors of products: inputs, weights, and the terms of gradients of weights.
  int factors = 0;
  // Rounds values between steps and layers, and every result.
  int stored = 0;
};

// As Network::results() of the three passes over a network as it was drawn, with no gradients before.
std::vector<float> loop_results(Network& network, Rounding rounding);
