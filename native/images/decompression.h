// Texts in fat binaries are compressed: in LZ4's blocks, or by Zstandard, whose library is opened.
#pragma once
#include <cstddef>
#include <string>

namespace sim {

// The target has the size that the result must have. False if the bytes are broken; Zstandard says why.
bool unpack_lz4(const char* from, size_t size, std::string& to);
bool unpack_zstandard(const char* from, size_t size, std::string& to, std::string& why);

}
