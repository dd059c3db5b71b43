package org.charlstm.cuda.machinecode;

import module java.base;

/**
 * Cycles that a pass of a loop takes one block on a multiprocessor, whose warps may be in different loops. Each of its
 * four schedulers issues at most one instruction a cycle, of the next warp whose control codes allow it.
 * {@link #ASSUMED} says what else counts.
 */
final class IssueModel {
    static final String ASSUMED = """
            a result is there when control codes say, or after 270 cycles of LDG and LDGSTS (from the L2
            cache; 550 from DRAM), 29 of LDS, 33 of LDSM, 24 of SHFL and MOVM, 22 of MUFU, 32 of LDC and LDCU,
            25 of S2R, 30 of S2UR, 20 of others; operands have been read after 12, and a barrier ends after
            22. HMMA keeps a scheduler's pipe busy for 8 cycles on sm_80, 6 on sm_90, 32 on sm_120, MUFU 8,
            logic 2, FFMA and the like 1, or 2 on sm_80. FFMA, FMUL, FADD and IMAD read each of two banks of
            registers once a cycle and within 3 cycles, but for what a slot keeps of the instruction before
            that used it last, where that is marked so (arXiv 2503.20481). The one pipe to memory is busy a
            cycle for each wavefront of LDS, STS and LDSM, each 32 bits a lane of STAS, and 2 for others; 16
            wait for it. STAS arrives 230 after its last bytes have left, 32 a cycle of a multiprocessor, and
            the blocks of a cluster are alike. No instruction is awaited.
            """;
    /** Cycles of a load. */
    static final int FROM_L2 = 270;
    static final int FROM_DRAM = 550;
    private static final int WARP = 32;
    private static final int SCHEDULERS = 4;
    private static final int SCOREBOARDS = 6;
    private static final int QUEUE = 16;
    private static final int OPERANDS = 12;
    private static final int BARRIER = 22;
    private static final int REMOTE = 230;
    /** Bytes a cycle that a multiprocessor sends to other blocks of a cluster: the model's, fewer, and any number. */
    static final int SENT = 32;
    static final int SENT_AT_LEAST = 16;
    static final int SENT_AT_MOST = Integer.MAX_VALUE;
    private static final int UNSETTLED = 4;
    private static final int PASSES = 12;
    private static final int MOST_CYCLES = 1_000_000;
    private static final int NO_LOAD = -1;
    private static final Set<String> LOGIC = Set.of("LOP3", "ISETP", "LEA", "SHF", "PRMT", "SEL", "IADD3", "FMNMX",
            "FSETP", "FSEL", "F2FP", "MOV", "P2R", "R2P", "PLOP3", "IABS", "VIMNMX", "IMNMX", "VIADD", "VIADDMNMX");

    private enum Pipe {
        TENSOR, SPECIAL, LOGIC, MULTIPLY, MEMORY, NONE;

        static Pipe of(Instruction instruction) {
            return instruction.never() ? NONE : switch (instruction.name()) {
                case "HMMA" -> TENSOR;
                case "MUFU" -> SPECIAL;
                case "FFMA", "FMUL", "FADD", "IMAD" -> MULTIPLY;
                case "LDS", "STS", "STAS", "LDSM", "LDG", "STG", "LDGSTS", "SHFL", "MOVM", Opcodes.PREFETCH -> MEMORY;
                default -> IssueModel.LOGIC.contains(instruction.name()) ? LOGIC : NONE;
            };
        }
    }

    /**
     * Warps of a block in a loop.
     *
     * @param wavefronts of accesses to shared memory by their addresses; others take as many as their widths
     */
    record Warps(List<Instruction> path, int count, Map<Integer, Integer> wavefronts) {
    }

    /** A barrier of the block. */
    private static final class Barrier {
        private final List<Warp> waiting = new ArrayList<>();
        private int come;
    }

    private static final class Warp {
        private final List<Instruction> path;
        private final Map<Integer, Integer> wavefronts;
        private final int loop;
        private final int number;
        private final int sends;
        private final List<List<Integer>> scoreboards = Stream.generate(() -> (List<Integer>) new ArrayList<Integer>())
                .limit(SCOREBOARDS).toList();
        /** The cycles at which what sets each scoreboard was issued and not yet waited for, or NO_LOAD. */
        private final List<List<Integer>> asked = Stream.generate(() -> (List<Integer>) new ArrayList<Integer>())
                .limit(SCOREBOARDS).toList();
        /** The cycles at which its sends arrive. */
        private final List<Integer> arrivals = new ArrayList<>();
        private int at;
        private int pass;
        private int ready;
        private int copied;
        private boolean atBarrier;
        private int barrier;

        Warp(Warps like, int loop, int number) {
            path = like.path;
            wavefronts = like.wavefronts;
            this.loop = loop;
            this.number = number;
            sends = (int) path.stream().filter(each -> each.is("STAS")).count();
        }

        boolean waits(Instruction next, int now) {
            for (int i = 0; i < SCOREBOARDS; i++) {
                scoreboards.get(i).removeIf(done -> done <= now);
                if (next.waitsFor(i) && scoreboards.get(i).size() > next.left()) {
                    return true;
                }
            }
            return false;
        }

        void sets(int scoreboard, int until) {
            if (scoreboard != Instruction.NONE) {
                scoreboards.get(scoreboard).add(until);
            }
        }

        /** The fewest cycles since a load for which this is the first to wait, or what was known before. */
        int given(Instruction next, int now, int before) {
            int fewest = before;
            for (int i = 0; i < SCOREBOARDS; i++) {
                List<Integer> open = asked.get(i);
                if (next.waitsFor(i) && open.size() > next.left()) {
                    List<Integer> done = open.subList(0, open.size() - next.left());
                    fewest = done.stream().filter(at -> at != NO_LOAD).map(at -> now - at).reduce(fewest, Math::min);
                    done.clear();
                }
            }
            if (next.written() != Instruction.NONE) {
                asked.get(next.written()).add(next.is("LDG") && pass >= UNSETTLED ? now : NO_LOAD);
            }
            return fewest;
        }
    }

    private final int architecture;
    private final int load;
    private final int sent;
    private final List<Warp> block;
    private final Map<Integer, Barrier> barriers = new HashMap<>();
    private final List<Map<Pipe, Integer>> busyUntil = Stream
            .generate(() -> (Map<Pipe, Integer>) new EnumMap<Pipe, Integer>(Pipe.class)).limit(SCHEDULERS).toList();
    private final List<RegisterPorts> ports = Stream.generate(RegisterPorts::new).limit(SCHEDULERS).toList();
    private int memoryUntil;
    private int sendingUntil;
    private int given = Integer.MAX_VALUE;

    private IssueModel(List<Warps> warps, int architecture, int load, int sent) {
        this.architecture = architecture;
        this.load = load;
        this.sent = sent;
        List<Warp> all = new ArrayList<>();
        for (int loop = 0; loop < warps.size(); loop++) {
            for (int i = 0; i < warps.get(loop).count; i++) {
                all.add(new Warp(warps.get(loop), loop, all.size()));
            }
        }
        block = all;
    }

    /** Of a pass of the first warps, where a load of global memory takes so many cycles and so many bytes are sent. */
    static int cycles(List<Warps> warps, int architecture, int load, int sent) {
        return new IssueModel(warps, architecture, load, sent).cycles();
    }

    /**
     * The fewest cycles that a pass of the first warps leaves between a load of global memory and the first to wait for
     * it, if nobody had to wait: one that takes no longer costs nothing. Empty where none is waited for.
     */
    static OptionalInt given(List<Warps> warps, int architecture) {
        IssueModel model = new IssueModel(warps, architecture, 0, SENT);
        model.cycles();
        return model.given == Integer.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of(model.given);
    }

    private int cycles() {
        int[] turn = new int[SCHEDULERS];
        int settled = 0;
        for (int now = 0; now < MOST_CYCLES; now++) {
            for (int s = 0; s < SCHEDULERS; s++) {
                int warps = (block.size() - s + SCHEDULERS - 1) / SCHEDULERS;
                for (int k = 0; k < warps; k++) {
                    int next = (turn[s] + k) % warps;
                    if (issues(block.get(s + SCHEDULERS * next), s, now)) {
                        turn[s] = next + 1;
                        break;
                    }
                }
            }
            if (block.stream().allMatch(warp -> warp.atBarrier)) {
                // For the first time, others have arrived before the loop.
                end(block.getLast().barrier, now);
            }
            if (settled == 0 && block.getFirst().pass == UNSETTLED) {
                settled = now;
            } else if (block.getFirst().pass == PASSES) {
                return Math.round((float) (now - settled) / (PASSES - UNSETTLED));
            }
        }
        throw new IllegalStateException(
                "the loop at " + block.getFirst().path.getFirst().at() + " never ends a pass");
    }

    /** A warp comes to a barrier, which lets those that wait there go on when so many have come. */
    private void comes(Warp warp, Instruction to, int now) {
        int number = number(warp, to);
        Barrier barrier = barriers.computeIfAbsent(number, _ -> new Barrier());
        barrier.come++;
        if (!to.arrives()) {
            warp.atBarrier = true;
            warp.barrier = number;
            barrier.waiting.add(warp);
        }
        if (barrier.come == (to.threads() == 0 ? block.size() : to.threads() / WARP)) {
            end(number, now);
        }
    }

    /** Those whose number a register has are one for each warp that shares a scheduler's work with others. */
    private static int number(Warp warp, Instruction to) {
        return to.barrier() == Instruction.BY_REGISTER ? Instruction.BY_REGISTER + warp.number % SCHEDULERS
                : to.barrier();
    }

    private void end(int barrier, int now) {
        for (Warp waiting : barriers.remove(barrier).waiting) {
            waiting.atBarrier = false;
            waiting.ready = now + BARRIER;
        }
    }

    private boolean issues(Warp warp, int scheduler, int now) {
        Instruction next = warp.path.get(warp.at);
        if (warp.atBarrier || warp.ready > now || warp.waits(next, now)
                || (next.asksForArrival() && !haveArrived(warp, now))
                || !takes(Pipe.of(next), warp, next, scheduler, now)) {
            return false;
        }
        int from = Pipe.of(next) == Pipe.MEMORY ? memoryUntil : now;
        int done = next.name().equals("LDGDEPBAR") ? Math.max(now, warp.copied) : from + latency(next);
        switch (next.name()) {
            case "STAS" -> warp.arrivals.add(sent(next, from) + REMOTE);
            case "LDGSTS" -> warp.copied = done;
            default -> {}
        }
        if (warp.loop == 0) {
            given = warp.given(next, now, given);
        }
        warp.sets(next.written(), done);
        warp.sets(next.read(), now + OPERANDS);
        warp.ready = now + Math.max(1, next.stall());
        if (next.is("BAR")) {
            comes(warp, next, now);
        }
        warp.at = (warp.at + 1) % warp.path.size();
        warp.pass += warp.at == 0 ? 1 : 0;
        return true;
    }

    /** When the last of a warp's bytes have left, of a send that begins at a cycle. */
    private int sent(Instruction send, int from) {
        sendingUntil = Math.max(sendingUntil, from) + WARP * send.bits() / Byte.SIZE / sent;
        return sendingUntil;
    }

    /** Whether as many rounds of each warp's sends have arrived as the asking one has gone through. */
    private boolean haveArrived(Warp asks, int now) {
        int rounds = asks.sends > 0 ? asks.arrivals.size() / asks.sends : asks.pass;
        return rounds == 0 || block.stream().allMatch(each -> {
            int count = rounds * each.sends;
            return count == 0 || (each.arrivals.size() >= count && each.arrivals.get(count - 1) <= now);
        });
    }

    private boolean takes(Pipe pipe, Warp warp, Instruction next, int scheduler, int now) {
        if (pipe == Pipe.MEMORY) {
            if (memoryUntil > now + QUEUE) {
                return false;
            }
            memoryUntil = Math.max(memoryUntil, now) + wavefronts(warp, next);
            return true;
        }
        if (busyUntil.get(scheduler).getOrDefault(pipe, 0) > now
                || (pipe == Pipe.MULTIPLY && !ports.get(scheduler).take(next, warp.number, now))) {
            return false;
        }
        busyUntil.get(scheduler).put(pipe, now + switch (pipe) {
            case TENSOR -> architecture < 90 ? 8 : architecture < 120 ? 6 : 32;
            case SPECIAL -> 8;
            case LOGIC -> 2;
            case MULTIPLY -> architecture < 90 ? 2 : 1;
            default -> 0;
        });
        return true;
    }

    private static int wavefronts(Warp warp, Instruction instruction) {
        return switch (instruction.name()) {
            case "LDS", "STS", "STAS", "LDSM" ->
                Math.max(SharedAccesses.fewest(instruction), warp.wavefronts.getOrDefault(instruction.at(), 0));
            default -> 2;
        };
    }

    private int latency(Instruction instruction) {
        return switch (instruction.name()) {
            case "LDG", "LDGSTS" -> load;
            case "LDS" -> 29;
            case "LDSM" -> 33;
            case "SHFL", "MOVM" -> 24;
            case "MUFU" -> 22;
            case "LDC", "LDCU" -> 32;
            case "S2R" -> 25;
            case "S2UR" -> 30;
            default -> 20;
        };
    }
}
