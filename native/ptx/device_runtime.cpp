#include "ptx/device_runtime.h"

#include <cstring>

namespace sim::ptx {

// The handle is the address of the grid's barrier, as in cooperative_groups.h; 0 without a cooperative launch. Each
// block adds 1 to a counter, and the first block adds the rest that carries into the highest bit: all wait for that bit
// to turn.
const char DEVICE_RUNTIME[] = R"(
.version 6.0
.target sm_30
.address_size 64
.visible .func (.param .b64 handle) cudaCGGetIntrinsicHandle(.param .b32 scope)
{
  .reg .b32 %r<4>;
  .reg .b64 %d;
  .reg .pred %p;
  ld.param.u32 %r1, [scope];
  mov.u32 %r2, %envreg1;
  mov.u32 %r3, %envreg2;
  mov.b64 %d, {%r3, %r2};
  setp.eq.u32 %p, %r1, 1;
  selp.b64 %d, %d, 0, %p;
  st.param.b64 [handle], %d;
  ret;
}
.visible .func (.param .b32 status) cudaCGSynchronize(.param .b64 handle, .param .b32 flags)
{
  .reg .b32 %r<6>;
  .reg .b64 %d;
  .reg .pred %p;
  ld.param.u64 %d, [handle];
  setp.eq.u64 %p, %d, 0;
  @%p trap;
  barrier.sync 0;
  mov.u32 %r1, %tid.x;
  mov.u32 %r2, %tid.y;
  mov.u32 %r3, %tid.z;
  or.b32 %r1, %r1, %r2;
  or.b32 %r1, %r1, %r3;
  setp.ne.u32 %p, %r1, 0;
  @%p bra MET;
  mov.u32 %r1, %nctaid.x;
  mov.u32 %r2, %nctaid.y;
  mov.u32 %r3, %nctaid.z;
  mul.lo.u32 %r1, %r1, %r2;
  mul.lo.u32 %r1, %r1, %r3;
  sub.u32 %r4, 0x80000001, %r1;
  mov.u32 %r1, %ctaid.x;
  mov.u32 %r2, %ctaid.y;
  mov.u32 %r3, %ctaid.z;
  or.b32 %r1, %r1, %r2;
  or.b32 %r1, %r1, %r3;
  setp.eq.u32 %p, %r1, 0;
  selp.b32 %r4, %r4, 1, %p;
  membar.gl;
  atom.add.u32 %r5, [%d+4], %r4;
WAIT:
  ld.volatile.u32 %r4, [%d+4];
  xor.b32 %r4, %r4, %r5;
  setp.ge.s32 %p, %r4, 0;
  @%p bra WAIT;
  membar.gl;
MET:
  barrier.sync 0;
  st.param.b32 [status], 0;
  ret;
}
)";

bool in_device_runtime(const std::string& function) {
  return std::strstr(DEVICE_RUNTIME, (") " + function + "(").c_str());
}

}
