// The C++ compiler of this machine, and the folder in which it works.
#pragma once
#include <string>
#include <vector>

namespace nvrtc {

// A folder of its own, which is gone in the end with all that is in it.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  bool made() const { return made_; }
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  // Also makes the folders that the name goes through.
  bool write(const std::string& name, const std::string& content) const;
  std::string read(const std::string& name) const;

 private:
  std::string path_;
  bool made_;
};

// $CXX, or else g++.
std::string compiler();

// The time, memory and size that a text may cost.
constexpr const char* LIMITS = "60 s of a processor, 300 s in all, 4 GiB of memory and 256 MiB of code";

// The exit status of a compiler in the folder, and what it said, in English; -1 if it is not there. Beyond a limit it's
// ended.
int run_compiler(const Folder& folder, const std::string& name, const std::vector<std::string>& arguments,
                 std::string& said);

}
