#include "nvrtc/processes.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

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

namespace {

// The answer of a shell for a program.
constexpr int NO_PROGRAM = 126, NOT_FOUND = 127;

constexpr std::chrono::seconds LONGEST(300);

// Its status, once it has ended or was ended.
int wait_for(pid_t process) {
  auto end = std::chrono::steady_clock::now() + LONGEST;
  int status = 0;
  for (pid_t ended = 0; ended == 0 || (ended < 0 && errno == EINTR);) {
    ended = waitpid(process, &status, WNOHANG);
    if (ended == 0 && std::chrono::steady_clock::now() > end) {
      kill(-process, SIGKILL);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(ended == 0 ? 2 : 0));
  }
  return status;
}

}

int run_compiler(const Folder& folder, const std::string& name, const std::vector<std::string>& arguments,
                 std::string& said) {
  // A shell sets the limits; blocks of a file are of 512 bytes.
  std::vector<std::string> start = {"sh", "-c", "{ ulimit -t 60; ulimit -v 4194304; ulimit -f 524288; } 2>/dev/null; "
                                                "exec \"$0\" \"$@\"", name};
  std::vector<char*> words;
  for (std::string& word : start) {
    words.push_back(word.data());
  }
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
  // A group of its own, since the compiler starts others.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t process;
  int failed = posix_spawnp(&process, "sh", &actions, &attributes, words.data(), environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed) {
    return -1;
  }
  int status = wait_for(process);
  said = folder.read("said");
  bool is_none = WIFEXITED(status) && (WEXITSTATUS(status) == NOT_FOUND || WEXITSTATUS(status) == NO_PROGRAM);
  return is_none ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}
