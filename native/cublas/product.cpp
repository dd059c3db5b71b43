#include "cublas/product.h"

#include <cmath>
#include <type_traits>
#include <vector>

#include "arithmetic/floats.h"
#include "memory/state.h"

namespace sim {

namespace {

// The columns of `count` matrices that follow one another without a gap.
Range columns(const Operand& matrix, const std::string& name, size_t first, size_t count, Use use) {
  size_t size = size_of(matrix.element);
  Range range{name, reinterpret_cast<Address>(matrix.of(first)), matrix.height * size, use, size,
              matrix.width * count, matrix.leading * size};
  if (matrix.height == matrix.leading) {
    range.bytes *= range.rows;
    range.rows = 1;
  }
  return range;
}

// Adds as few ranges for the operand's matrices as their distance allows. Returns the mistake in the first bad range.
std::string add(Product& product, const Operand& matrix, Use use) {
  bool same = matrix.stride == 0, gapless = matrix.stride == matrix.leading * matrix.width;
  if (product.batch == 1 || same || gapless) {
    product.ranges.push_back(columns(matrix, matrix.name, 0, same ? 1 : product.batch, use));
    return misplaced({product.ranges.back()});
  }
  std::string wrong;
  for (size_t i = 0; wrong.empty() && i < product.batch; i++) {
    product.ranges.push_back(columns(matrix, std::string(matrix.name) + "[" + std::to_string(i) + "]", i, 1, use));
    wrong = misplaced({product.ranges.back()});
  }
  return wrong;
}

// Counts the math mode: modes that give the same bits here can differ on a card, and only the counters show the mode.
void count(cublasMath_t mode) {
  counters.products++;
  switch (mode) {
    case CUBLAS_DEFAULT_MATH: counters.default_products++; break;
    case CUBLAS_PEDANTIC_MATH: counters.pedantic_products++; break;
    case CUBLAS_TF32_TENSOR_OP_MATH: counters.tf32_products++; break;
  }
}

// The factors of one product, in the type of the arithmetic.
template <typename Real>
const Real* factors(Floats& floats, const Operand& matrix, size_t product) {
  if constexpr (std::is_same_v<Real, double>) {
    return static_cast<const double*>(matrix.of(product));
  } else {
    return floats.read(matrix.of(product), matrix.span());
  }
}

double activated(Activation activation, double x) {
  // The approximation of GELU with tanh.
  return activation == Activation::RELU   ? (x < 0 ? 0 : x)
         : activation == Activation::GELU ? x / 2 * (1 + std::tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))
                                          : x;
}

template <typename Real>
void compute(const Product& product, size_t index) {
  std::vector<Real> sums(product.m * product.n);
  // Factors that are multiplied by zero are not read, so they need not be initialised.
  if (product.alpha != 0 && product.k != 0) {
    Floats floats(product.a.element);
    const Real *of_a = factors<Real>(floats, product.a, index), *of_b = factors<Real>(floats, product.b, index);
    size_t lda = product.a.leading, ldb = product.b.leading;
    // A column-major C is a row-major C transposed, the product of B transposed and A transposed.
    MatrixOf<Real> b = product.transpose_b ? MatrixOf<Real>{of_b, 1, ldb} : MatrixOf<Real>{of_b, ldb, 1};
    MatrixOf<Real> a = product.transpose_a ? MatrixOf<Real>{of_a, 1, lda} : MatrixOf<Real>{of_a, lda, 1};
    multiply_add(product.n, product.m, product.k, b, a, sums.data(), product.m, product.factors);
  }
  Real alpha = Real(product.alpha), beta = Real(product.beta);
  Element element = product.c.element;
  void* c = product.c.of(index);
  for (size_t j = 0; j < product.n; j++) {
    for (size_t i = 0; i < product.m; i++) {
      size_t at = j * product.c.leading + i;
      Real scaled = alpha * sums[j * product.m + i];
      // If beta is zero C is not read: it may be NaN or uninitialised.
      Real value = beta == 0 ? scaled : scaled + beta * Real(load(element, c, at));
      if (product.epilogue.bias) {
        value += Real(load(element, product.epilogue.bias, i));
      }
      store(element, c, at, activated(product.epilogue.activation, value));
    }
  }
}

}

std::string place(Product& product, const Cublas& cublas) {
  Use factor = product.alpha == 0 ? Use::HELD : Use::READ;
  std::string wrong = add(product, product.a, factor);
  wrong = wrong.empty() ? add(product, product.b, factor) : wrong;
  wrong = wrong.empty() ? add(product, product.c, product.beta == 0 ? Use::WRITE : Use::READ_AND_WRITE) : wrong;
  if (product.epilogue.bias) {
    size_t size = size_of(product.c.element);
    product.ranges.push_back({"bias", reinterpret_cast<Address>(product.epilogue.bias), product.m * size, Use::READ,
                              size});
  }
  if (cublas.workspace != 0) {
    product.ranges.push_back({"workspace", cublas.workspace, cublas.workspace_size, Use::SCRATCH});
  }
  return wrong.empty() ? misplaced(product.ranges) : wrong;
}

CUresult run(const Product& product) {
  if (!usable(product.call.c_str(), product.ranges)) {
    return context.failed;
  }
  count(product.math);
  for (size_t i = 0; i < product.batch; i++) {
    if (product.c.element == Element::FLOAT64) {
      compute<double>(product, i);
    } else {
      compute<float>(product, i);
    }
  }
  leave(product.ranges);
  return CUDA_SUCCESS;
}

}
