// Functions that report on the simulated GPU, beside NVIDIA's.
#pragma once
#include <cstddef>

constexpr int COUNTERS = 16;
constexpr int LIVE = 9;

extern "C" {
// The error message of the calling thread's last call, or else of the context's failure; empty if there is neither. It
// stays until the thread's next call; releases leave it unchanged.
const char* charlstm_sim_last_error();
void charlstm_sim_counters(long long out[COUNTERS]);
// The number of findings so far (errors, warnings and notes), and the findings after a given number, a JSON object per
// line: grade, kind, kernel, message, place, file, line, remedy, count. The result is the text's size with its final
// zero; a smaller buffer gets a truncated text.
long long charlstm_sim_found();
size_t charlstm_sim_findings(long long after, char* text, size_t size);
// The kinds of findings, separated by commas; and a line for each environment variable that was refused when cuInit
// last read the settings. Sizes are as above.
size_t charlstm_sim_kinds(char* text, size_t size);
size_t charlstm_sim_refused(char* text, size_t size);
// The numbers of objects that were made and not yet released.
void charlstm_sim_live(long long out[LIVE]);
// Whether the simulator has kernels that were compiled from this text, or with it as a header.
int charlstm_sim_stands_for(const char* text, size_t size);
// The number of the kernel's launches, and the bytes that they read and wrote.
void charlstm_sim_traffic(const char* kernel, long long out[4]);
// The priority of the last operation with this description, such as "kernel head" or "cublasSgemm_v2"; 1 if there was
// none.
int charlstm_sim_priority(const char* what);
}
