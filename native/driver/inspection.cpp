#include <algorithm>
#include <iterator>
#include <string>

#include "api/simulator.h"
#include "calls/forward.h"
#include "images/kernel_libraries.h"
#include "machine/launch.h"
#include "memory/findings.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace {

// Gives the size that a text has with its end, and cuts it where there is less room.
size_t give(const std::string& all, char* text, size_t size) {
  if (text && size > 0) {
    text[all.copy(text, size - 1)] = 0;
  }
  return all.size() + 1;
}

}

EXPORT const char* charlstm_sim_last_error() {
  sim::Admission admission(sim::Needs::NOTHING);
  return sim::last_message().c_str();
}

EXPORT void charlstm_sim_counters(long long out[COUNTERS]) {
  sim::Admission admission(sim::Needs::NOTHING);
  const sim::Counters& c = sim::counters;
  const long long values[COUNTERS] = {c.allocations_live, c.bytes_live, c.allocations_ever, c.launches,
                                      c.copies_to_device, c.copies_to_host, c.bytes_to_device, c.bytes_to_host,
                                      c.products, c.rnn_calls, c.graphs_instantiated, c.graph_launches,
                                      c.default_products, c.pedantic_products, c.tf32_products, c.instructions};
  std::copy(std::begin(values), std::end(values), out);
}

EXPORT void charlstm_sim_live(long long out[LIVE]) {
  sim::Admission admission(sim::Needs::NOTHING);
  const sim::Counters& c = sim::counters;
  const long long values[LIVE] = {c.modules_live, c.streams_live, c.graphs_live, c.contexts_live, c.cublas_live,
                                  c.cudnn_live, c.events_live, c.nccl_live, c.pinned_live};
  std::copy(std::begin(values), std::end(values), out);
}

EXPORT long long charlstm_sim_found() {
  sim::Admission admission(sim::Needs::NOTHING);
  return sim::findings_so_far();
}

EXPORT size_t charlstm_sim_findings(long long after, char* text, size_t size) {
  sim::Admission admission(sim::Needs::NOTHING);
  return give(sim::findings_since(after), text, size);
}

EXPORT size_t charlstm_sim_kinds(char* text, size_t size) {
  sim::Admission admission(sim::Needs::NOTHING);
  return give(sim::kinds(), text, size);
}

EXPORT size_t charlstm_sim_refused(char* text, size_t size) {
  sim::Admission admission(sim::Needs::NOTHING);
  return give(sim::settings.refused, text, size);
}

EXPORT int charlstm_sim_stands_for(const char* text, size_t size) {
  sim::Admission admission(sim::Needs::NOTHING);
  return sim::stands_for({text, size});
}

EXPORT int charlstm_sim_priority(const char* what) {
  sim::Admission admission(sim::Needs::NOTHING);
  return sim::priority_of_last(what);
}

EXPORT void charlstm_sim_traffic(const char* kernel, long long out[4]) {
  sim::Admission admission(sim::Needs::NOTHING);
  sim::Traffic moved = sim::traffic_so_far(kernel);
  out[0] = moved.launches;
  out[1] = moved.bytes_read;
  out[2] = moved.bytes_written;
  out[3] = moved.digest;
}
