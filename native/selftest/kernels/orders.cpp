// How many launches of a kernel run in all orders: told by the instructions that were executed.
#include <string>

#include "selftest/harness.h"
#include "selftest/texts.h"

namespace {

constexpr int INSTRUCTIONS = 15;  // of the counters

long long instructions() {
  long long counters[COUNTERS];
  charlstm_sim_counters(counters);
  return counters[INSTRUCTIONS];
}

// For each launch of a fresh module, in how many orders it ran, as digits; of the first that is given.
std::string orders_of_launches(const char* setting, int launches, int first = 4) {
  Driver driver("eager", "", setting);
  CUmodule module = loaded(adding());
  CUfunction function = function_of(module, "add");
  std::string orders;
  {
    Addition addition(driver);
    long long once = 0;
    for (int i = 0; i < launches; i++) {
      long long before = instructions();
      CHECK(addition.launch(function) == CUDA_SUCCESS && driver.synchronise() == CUDA_SUCCESS && addition.right());
      // Threads beyond n skip what others do: the same in each order.
      long long all = instructions() - before;
      once = once ? once : all / first;
      orders += std::to_string(all / once);
    }
  }
  cuModuleUnload(module);
  return orders;
}

}

void test_orders() {
  CHECK(orders_of_launches("all", 6) == "444444");
  CHECK(orders_of_launches("", 6) == "444411");
  CHECK(orders_of_launches("2", 4) == "4411");
  CHECK(orders_of_launches("0", 2, 1) == "11");
  CHECK(orders_of_launches("one", 2, 1) == "11");
  CHECK(orders_of_launches("lockstep", 2, 1) == "11");
}
