// CUDA's atomic operations. They are no races among themselves; with other accesses they are, as on a card.
#pragma once

namespace sim {

uint64_t begin_atomic(const void* address, unsigned size);
void end_atomic(void* address, unsigned size, uint64_t bits);
void order_matters();
void note_exchange(const void* address);

// The value before an atomic operation. A kernel that reads it may do something else in another order of threads.
template <typename T>
struct Old {
  T value;
  operator T() const {
    order_matters();
    return value;
  }
};

template <typename T, typename Change>
inline Old<T> atomically(T* address, Change change) {
  uint64_t bits = begin_atomic(address, sizeof(T));
  T old;
  __builtin_memcpy(&old, &bits, sizeof old);
  T changed = change(old);
  bits = 0;
  __builtin_memcpy(&bits, &changed, sizeof changed);
  end_atomic(address, sizeof(T), bits);
  return {old};
}

// Where several threads put a value into one place, the last one's stays.
template <typename T, typename Change>
inline Old<T> exchanged(T* address, Change change) {
  note_exchange(address);
  return atomically(address, change);
}

}

#define CHARLSTM_ATOMIC(name, T, result) \
  inline sim::Old<T> name(T* address, T value) { return sim::atomically(address, [=](T old) -> T { return result; }); }
#define CHARLSTM_ATOMICS(name, result)                 \
  CHARLSTM_ATOMIC(name, int, result)                   \
  CHARLSTM_ATOMIC(name, unsigned, result)              \
  CHARLSTM_ATOMIC(name, unsigned long long, result)

// Integers wrap.
inline sim::Old<int> atomicAdd(int* address, int value) {
  return sim::atomically(address, [=](int old) { return int(unsigned(old) + unsigned(value)); });
}
CHARLSTM_ATOMIC(atomicAdd, unsigned, old + value)
CHARLSTM_ATOMIC(atomicAdd, unsigned long long, old + value)
inline sim::Old<int> atomicSub(int* address, int value) {
  return sim::atomically(address, [=](int old) { return int(unsigned(old) - unsigned(value)); });
}
CHARLSTM_ATOMIC(atomicSub, unsigned, old - value)
CHARLSTM_ATOMICS(atomicMax, old < value ? value : old)
CHARLSTM_ATOMICS(atomicMin, value < old ? value : old)
CHARLSTM_ATOMIC(atomicMax, long long, old < value ? value : old)
CHARLSTM_ATOMIC(atomicMin, long long, value < old ? value : old)
CHARLSTM_ATOMICS(atomicAnd, old & value)
CHARLSTM_ATOMICS(atomicOr, old | value)
CHARLSTM_ATOMICS(atomicXor, old ^ value)
CHARLSTM_ATOMIC(atomicInc, unsigned, old >= value ? 0 : old + 1)
CHARLSTM_ATOMIC(atomicDec, unsigned, old == 0 || old > value ? value : old - 1)

#undef CHARLSTM_ATOMIC
#undef CHARLSTM_ATOMICS

// Sums of rounded numbers have other bits in another order.
inline sim::Old<float> atomicAdd(float* address, float value) {
  sim::order_matters();
  return sim::atomically(address, [=](float old) { return old + value; });
}
inline sim::Old<double> atomicAdd(double* address, double value) {
  sim::order_matters();
  return sim::atomically(address, [=](double old) { return old + value; });
}

#define CHARLSTM_SWAP(T)                                                                   \
  inline sim::Old<T> atomicCAS(T* address, T expected, T value) {                          \
    return sim::exchanged(address, [=](T old) { return old == expected ? value : old; });  \
  }
#define CHARLSTM_EXCHANGE(T)                                   \
  inline sim::Old<T> atomicExch(T* address, T value) {         \
    return sim::exchanged(address, [=](T) { return value; });  \
  }
CHARLSTM_SWAP(int)
CHARLSTM_SWAP(unsigned)
CHARLSTM_SWAP(unsigned short)
CHARLSTM_SWAP(unsigned long long)
CHARLSTM_EXCHANGE(int)
CHARLSTM_EXCHANGE(unsigned)
CHARLSTM_EXCHANGE(unsigned long long)
CHARLSTM_EXCHANGE(float)
#undef CHARLSTM_SWAP
#undef CHARLSTM_EXCHANGE
