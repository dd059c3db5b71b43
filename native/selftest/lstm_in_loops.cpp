#include "selftest/lstm_in_loops.h"

#include <cmath>

namespace {

using Values = std::vector<double>;

class Loop {
 public:
  Loop(Network& n, Rounding rounding) : n_(n), rounding_(rounding) {}

  std::vector<float> run() {
    const RnnShape& s = n_.shape;
    Values in = read(n_.x, n_.sequence(s.input)), hx = read(n_.hx, n_.states()), cx = read(n_.cx, n_.states());
    layers_.resize(s.layers);
    for (int l = 0; l < s.layers; l++) {
      Layer& layer = layers_[l];
      layer.width = l == 0 ? s.input : s.hidden;
      for (int linear = 0; linear < 8; linear++) {
        layer.matrix[linear] = part(l, linear, false);
        layer.bias[linear] = part(l, linear, true);
      }
      layer.in = in;
      layer.outputs.assign(hx.begin() + l * state(), hx.begin() + (l + 1) * state());
      layer.cells.assign(cx.begin() + l * state(), cx.begin() + (l + 1) * state());
      forward(layer);
      in.assign(layer.outputs.begin() + state(), layer.outputs.end());
    }
    Values above = read(n_.dy, n_.sequence(s.hidden)), dhy = read(n_.dhy, n_.states()), dcy = read(n_.dcy, n_.states());
    Values y = in, hy, cy, dhx(n_.states()), dcx(n_.states()), gradients;
    for (const Layer& layer : layers_) {
      hy.insert(hy.end(), layer.outputs.end() - state(), layer.outputs.end());
      cy.insert(cy.end(), layer.cells.end() - state(), layer.cells.end());
    }
    for (int l = s.layers; l-- > 0;) {
      Values dh(dhy.begin() + l * state(), dhy.begin() + (l + 1) * state());
      Values dc(dcy.begin() + l * state(), dcy.begin() + (l + 1) * state());
      above = backward(layers_[l], above, dh, dc);
      std::copy(dh.begin(), dh.end(), dhx.begin() + l * state());
      std::copy(dc.begin(), dc.end(), dcx.begin() + l * state());
    }
    for (const Layer& layer : layers_) {
      for (int linear = 0; linear < 8; linear++) {
        weight_gradients(layer, linear, gradients);
      }
    }
    std::vector<float> all;
    for (const Values* values : {&y, &above, &hy, &cy, &dhx, &dcx, &gradients}) {
      all.insert(all.end(), values->begin(), values->end());
    }
    return all;
  }

 private:
  struct Layer {
    int width;
    Values matrix[8], bias[8];
    // Outputs and cells begin with those before the first step; of every step's line the four gates, then gradients.
    Values in, outputs, cells, gates, d_gates;
  };

  size_t state() const { return size_t(n_.shape.batch) * n_.shape.hidden; }
  size_t lines() const { return size_t(n_.shape.steps) * n_.shape.batch; }
  double factor(double value) const { return rounding_.factors ? nearest(float(value), rounding_.factors) : value; }
  double stored(double value) const { return rounding_.stored ? nearest(float(value), rounding_.stored) : value; }

  Values read(CUdeviceptr from, size_t count) {
    std::vector<float> values = n_.read(from, count);
    return Values(values.begin(), values.end());
  }
  Values part(int layer, int linear, bool bias) {
    Network::Part found = n_.part(n_.weights, layer, linear, bias);
    return read(found.address, found.count);
  }

  void forward(Layer& layer) {
    int n = n_.shape.hidden;
    layer.gates.resize(lines() * 4 * n);
    layer.d_gates = layer.gates;
    for (size_t line = 0; line < lines(); line++) {
      for (int j = 0; j < n; j++) {
        double z[4];
        for (int gate = 0; gate < 4; gate++) {
          z[gate] = layer.bias[gate][j] + layer.bias[gate + 4][j];
          for (int p = 0; p < layer.width; p++) {
            z[gate] += factor(layer.in[line * layer.width + p]) * factor(layer.matrix[gate][j * layer.width + p]);
          }
          for (int p = 0; p < n; p++) {
            z[gate] += factor(layer.outputs[line * n + p]) * factor(layer.matrix[gate + 4][j * n + p]);
          }
          z[gate] = gate == 2 ? std::tanh(z[gate]) : 1 / (1 + std::exp(-z[gate]));
          layer.gates[(line * 4 + gate) * n + j] = z[gate];
        }
        double cell = z[1] * layer.cells[line * n + j] + z[0] * z[2];
        layer.cells.push_back(stored(cell));
        layer.outputs.push_back(stored(z[3] * std::tanh(cell)));
      }
    }
  }

  // Turns the gradients of the states after the last step into those before the first.
  Values backward(Layer& layer, const Values& above, Values& dh, Values& dc) {
    int n = n_.shape.hidden, batch = n_.shape.batch;
    Values below(lines() * layer.width);
    for (size_t line = lines(); line-- > 0;) {
      size_t b = line % batch * n;
      double* d = &layer.d_gates[line * 4 * n];
      for (int j = 0; j < n; j++) {
        const double* z = &layer.gates[line * 4 * n];
        double i = z[j], f = z[n + j], g = z[2 * n + j], o = z[3 * n + j];
        double out = dh[b + j] + above[line * n + j], squashed = std::tanh(layer.cells[line * n + state() + j]);
        double cell = dc[b + j] + out * o * (1 - squashed * squashed);
        d[j] = stored(cell * g * i * (1 - i));
        d[n + j] = stored(cell * layer.cells[line * n + j] * f * (1 - f));
        d[2 * n + j] = stored(cell * i * (1 - g * g));
        d[3 * n + j] = stored(out * squashed * o * (1 - o));
        dc[b + j] = stored(cell * f);
      }
      for (int first : {0, 4}) {
        int width = first == 0 ? layer.width : n;
        for (int p = 0; p < width; p++) {
          double sum = 0;
          for (int q = 0; q < 4 * n; q++) {
            sum += factor(d[q]) * factor(layer.matrix[first + q / n][q % n * width + p]);
          }
          (first == 0 ? below[line * width + p] : dh[b + p]) = stored(sum);
        }
      }
    }
    return below;
  }

  void weight_gradients(const Layer& layer, int linear, Values& gradients) {
    int n = n_.shape.hidden, width = linear < 4 ? layer.width : n;
    const Values& in = linear < 4 ? layer.in : layer.outputs;
    Values biases;
    for (int j = 0; j < n; j++) {
      Values sums(width + 1);
      for (size_t line = 0; line < lines(); line++) {
        double d = layer.d_gates[(line * 4 + linear % 4) * n + j];
        for (int p = 0; p < width; p++) {
          sums[p] += factor(d) * factor(in[line * width + p]);
        }
        sums[width] += d;
      }
      for (int p = 0; p < width; p++) {
        gradients.push_back(stored(sums[p]));
      }
      biases.push_back(stored(sums[width]));
    }
    gradients.insert(gradients.end(), biases.begin(), biases.end());
  }

  Network& n_;
  Rounding rounding_;
  std::vector<Layer> layers_;
};

}

std::vector<float> loop_results(Network& network, Rounding rounding) {
  return Loop(network, rounding).run();
}
