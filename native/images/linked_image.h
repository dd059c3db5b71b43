// The image that cuLinkComplete gives: the texts that were linked, since PTX stays PTX here.
#pragma once
#include <string>
#include <vector>

#include "images/bytes.h"
#include "ptx/module.h"

namespace sim {

std::string linked_image(const std::vector<ptx::Text>& texts);
bool is_linked_image(const Bytes& image);
// False if it is cut off.
bool read_linked_image(const Bytes& image, std::vector<ptx::Text>& texts);

}
