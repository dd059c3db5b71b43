#include "selftest/cudnn/rnn_in_loops.h"

#include <cmath>

namespace {

using Values = std::vector<double>;

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

class Loop {
 public:
  Loop(Network& n, Rounding rounding) : n_(n), rounding_(rounding), gates_(n.linears() / 2) {}

  std::vector<float> run() {
    const RnnShape& s = n_.shape;
    Values in = read(n_.x, n_.sequence(s.input)), hx = read(n_.hx, n_.states()), cx = read(n_.cx, n_.states());
    layers_.resize(s.layers);
    for (int l = 0; l < s.layers; l++) {
      Layer& layer = layers_[l];
      layer.width = l == 0 ? s.input : s.hidden;
      for (int linear = 0; linear < n_.linears(); linear++) {
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
      for (int linear = 0; linear < n_.linears(); linear++) {
        weight_gradients(layer, linear, gradients);
      }
    }
    std::vector<float> all;
    std::vector<const Values*> results = {&y, &above, &hy, &cy, &dhx, &dcx, &gradients};
    if (n_.cell != CUDNN_LSTM) {
      results = {&y, &above, &hy, &dhx, &gradients};
    }
    for (const Values* values : results) {
      all.insert(all.end(), values->begin(), values->end());
    }
    return all;
  }

 private:
  struct Layer {
    int width;
    Values matrix[8], bias[8];
    // Outputs and cells begin with those before the first step. The gates of every line, and their gradients by linear
    // map; of a GRU's last gate also what its reset gate scales.
    Values in, outputs, cells, gates, scaled, d_maps;
  };

  size_t state() const { return size_t(n_.shape.batch) * n_.shape.hidden; }
  size_t lines() const { return size_t(n_.shape.steps) * n_.shape.batch; }
  double factor(double value) const { return rounding_.factors ? nearest(float(value), rounding_.factors) : value; }
  double stored(double value) const { return rounding_.stored ? nearest(float(value), rounding_.stored) : value; }

  // Zeros for what only an LSTM has.
  Values read(CUdeviceptr from, size_t count) {
    std::vector<float> values = from ? n_.read(from, count) : std::vector<float>(count);
    return Values(values.begin(), values.end());
  }
  // Zeros for a bias that is not there.
  Values part(int layer, int linear, bool bias) {
    Network::Part found = n_.part(n_.weights, layer, linear, bias);
    return found.count ? read(found.address, found.count) : Values(n_.shape.hidden);
  }

  // A linear map of one line, and its bias.
  double map(const Layer& layer, int linear, size_t line, int j) const {
    bool of_input = linear < gates_;
    int width = of_input ? layer.width : n_.shape.hidden;
    const Values& from = of_input ? layer.in : layer.outputs;
    double sum = layer.bias[linear][j];
    for (int p = 0; p < width; p++) {
      sum += factor(from[line * width + p]) * factor(layer.matrix[linear][j * width + p]);
    }
    return sum;
  }

  void forward(Layer& layer) {
    int n = n_.shape.hidden;
    layer.gates.resize(lines() * gates_ * n);
    layer.scaled.resize(lines() * n);
    layer.d_maps.resize(lines() * 2 * gates_ * n);
    for (size_t line = 0; line < lines(); line++) {
      for (int j = 0; j < n; j++) {
        double in[4], of_state[4], z[4];
        for (int gate = 0; gate < gates_; gate++) {
          in[gate] = map(layer, gate, line, j);
          of_state[gate] = map(layer, gate + gates_, line, j);
          z[gate] = in[gate] + of_state[gate];
        }
        double before = layer.outputs[line * n + j], cell = 0, output = 0;
        switch (n_.cell) {
          case CUDNN_RNN_RELU: output = z[0] = std::fmax(z[0], 0); break;
          case CUDNN_RNN_TANH: output = z[0] = std::tanh(z[0]); break;
          case CUDNN_LSTM:
            z[0] = sigmoid(z[0]), z[1] = sigmoid(z[1]), z[2] = std::tanh(z[2]), z[3] = sigmoid(z[3]);
            cell = z[1] * layer.cells[line * n + j] + z[0] * z[2];
            output = z[3] * std::tanh(cell);
            break;
          case CUDNN_GRU:
            z[0] = sigmoid(z[0]), z[1] = sigmoid(z[1]);
            layer.scaled[line * n + j] = of_state[2];
            z[2] = std::tanh(in[2] + z[0] * of_state[2]);
            output = (1 - z[1]) * z[2] + z[1] * before;
            break;
        }
        layer.cells.push_back(stored(cell));
        layer.outputs.push_back(stored(output));
        for (int gate = 0; gate < gates_; gate++) {
          layer.gates[(line * gates_ + gate) * n + j] = z[gate];
        }
      }
    }
  }

  // Sets the gradients of what the maps of one unit of a line gave. Turns that of its cell into that of the one before,
  // and returns what of the gradient of its output comes to the one before by no map.
  double gradients_of_maps(Layer& layer, size_t line, int j, double out, double& dc) {
    int n = n_.shape.hidden;
    double z[4], d[4];
    for (int gate = 0; gate < gates_; gate++) {
      z[gate] = layer.gates[(line * gates_ + gate) * n + j];
    }
    double direct = 0, last = 1;
    if (n_.cell == CUDNN_RNN_RELU) {
      d[0] = z[0] > 0 ? out : 0;
    } else if (n_.cell == CUDNN_RNN_TANH) {
      d[0] = out * (1 - z[0] * z[0]);
    } else if (n_.cell == CUDNN_LSTM) {
      double squashed = std::tanh(layer.cells[line * n + state() + j]);
      double cell = dc + out * z[3] * (1 - squashed * squashed);
      d[0] = cell * z[2] * z[0] * (1 - z[0]);
      d[1] = cell * layer.cells[line * n + j] * z[1] * (1 - z[1]);
      d[2] = cell * z[0] * (1 - z[2] * z[2]);
      d[3] = out * squashed * z[3] * (1 - z[3]);
      dc = stored(cell * z[1]);
    } else {
      d[2] = out * (1 - z[1]) * (1 - z[2] * z[2]);
      d[1] = out * (layer.outputs[line * n + j] - z[2]) * z[1] * (1 - z[1]);
      d[0] = d[2] * layer.scaled[line * n + j] * z[0] * (1 - z[0]);
      direct = out * z[1];
      last = z[0];
    }
    for (int gate = 0; gate < gates_; gate++) {
      layer.d_maps[(line * 2 * gates_ + gate) * n + j] = stored(d[gate]);
      layer.d_maps[((line * 2 + 1) * gates_ + gate) * n + j] = stored(gate == 2 ? d[gate] * last : d[gate]);
    }
    return direct;
  }

  // Turns the gradients of the states after the last step into those before the first.
  Values backward(Layer& layer, const Values& above, Values& dh, Values& dc) {
    int n = n_.shape.hidden, batch = n_.shape.batch;
    Values below(lines() * layer.width);
    for (size_t line = lines(); line-- > 0;) {
      size_t b = line % batch * n;
      Values direct(n);
      for (int j = 0; j < n; j++) {
        direct[j] = gradients_of_maps(layer, line, j, dh[b + j] + above[line * n + j], dc[b + j]);
      }
      for (int first : {0, gates_}) {
        const double* d = &layer.d_maps[(line * 2 * gates_ + first) * n];
        int width = first == 0 ? layer.width : n;
        for (int p = 0; p < width; p++) {
          double sum = first == 0 ? 0 : direct[p];
          for (int q = 0; q < gates_ * n; q++) {
            sum += factor(d[q]) * factor(layer.matrix[first + q / n][q % n * width + p]);
          }
          (first == 0 ? below[line * width + p] : dh[b + p]) = stored(sum);
        }
      }
    }
    return below;
  }

  void weight_gradients(const Layer& layer, int linear, Values& gradients) {
    int n = n_.shape.hidden, width = linear < gates_ ? layer.width : n;
    const Values& in = linear < gates_ ? layer.in : layer.outputs;
    Values biases;
    for (int j = 0; j < n; j++) {
      Values sums(width + 1);
      for (size_t line = 0; line < lines(); line++) {
        double d = layer.d_maps[(line * 2 * gates_ + linear) * n + j];
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
    if (n_.part(n_.weights, 0, linear, true).count > 0) {
      gradients.insert(gradients.end(), biases.begin(), biases.end());
    }
  }

  Network& n_;
  Rounding rounding_;
  int gates_;
  std::vector<Layer> layers_;
};

}

std::vector<float> loop_results(Network& network, Rounding rounding) {
  return Loop(network, rounding).run();
}
