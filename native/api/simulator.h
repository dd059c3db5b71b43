// Functions that report on the simulated GPU, beside NVIDIA's.
#pragma once
#include <cstddef>

constexpr int COUNTERS = 16;
constexpr int LIVE = 9;

extern "C" {
// The line about what went wrong in the calling thread's last call, or else how the context failed; empty if nothing
// did. Releases leave it as it is. It stays until the thread's next call.
const char* charlstm_sim_last_error();
void charlstm_sim_counters(long long out[COUNTERS]);
// How many findings there were so far, errors, warnings and notes; and those of which one came after that many, a JSON
// object a line: grade, kind, kernel, message, place, file, line, remedy, count. Gives the size that the text has with
// its end, and cuts it where there is less room.
long long charlstm_sim_found();
size_t charlstm_sim_findings(long long after, char* text, size_t size);
// The kinds of findings, by commas; and a line for each variable of the environment that was refused when the settings
// were read last, at cuInit. Sizes as above.
size_t charlstm_sim_kinds(char* text, size_t size);
size_t charlstm_sim_refused(char* text, size_t size);
// Of what was made and not yet released.
void charlstm_sim_live(long long out[LIVE]);
// Whether it has been handed kernels that were made of this text, or with it as a header.
int charlstm_sim_stands_for(const char* text, size_t size);
// Launches of the kernel, and the bytes that they read and wrote.
void charlstm_sim_traffic(const char* kernel, long long out[4]);
// The priority at which the last operation ran that is described so, such as "kernel head" or "cublasSgemm_v2"; 1 if
// none has.
int charlstm_sim_priority(const char* what);
}
