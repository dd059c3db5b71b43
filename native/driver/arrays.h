// Arrays by their handles.
#pragma once
#include "machine/textures.h"

namespace sim {

// Null for a handle that is no array.
const Texels* find_array(CUarray handle);

}
