#include "nvrtc/processes.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

extern char** environ;

namespace nvrtc {

Folder::Folder() {
  const char* folder = std::getenv("TMPDIR");
  path_ = std::string(folder && *folder ? folder : "/tmp") + "/charlstm-nvrtc-XXXXXX";
  made_ = mkdtemp(path_.data()) != nullptr;
}

Folder::~Folder() {
  if (made_) {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
}

bool Folder::write(const std::string& name, const std::string& content) const {
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path(), failed);
  std::ofstream file(path(name), std::ios::binary);
  file << content;
  file.close();
  return file.good();
}

std::string Folder::read(const std::string& name) const {
  std::ifstream file(path(name), std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

std::string compiler() {
  const char* set = std::getenv("CXX");
  return set && *set ? set : "g++";
}

int run_compiler(const Folder& folder, const std::vector<std::string>& arguments, std::string& said) {
  std::string program = compiler();
  std::vector<char*> words = {program.data()};
  for (const std::string& argument : arguments) {
    words.push_back(const_cast<char*>(argument.c_str()));
  }
  words.push_back(nullptr);
  char english[] = "LC_ALL=C";
  std::vector<char*> environment = {english};
  for (char** entry = environ; *entry; entry++) {
    if (std::strncmp(*entry, "LC_ALL=", 7) != 0) {
      environment.push_back(*entry);
    }
  }
  environment.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, folder.path("said").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addchdir_np(&actions, folder.path("").c_str());
  pid_t process;
  int failed = posix_spawnp(&process, program.c_str(), &actions, nullptr, words.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed) {
    return -1;
  }
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  said = folder.read("said");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}
