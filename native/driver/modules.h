// Modules and functions that were handed out, and kernels by name.
#pragma once

namespace sim {

void drop_modules();

}
