package org.charlstm.cuda.machinecode;

import module java.base;
import org.charlstm.cuda.machinecode.Instruction.Words;
import org.charlstm.cuda.machinecode.Operands.Source;

/**
 * How many wavefronts each access of a loop to shared memory takes: rounds in which each of 32 banks, of 4 bytes, gives
 * one word. Follows a warp's integers from the kernel's first instruction to the loop and twice through it. Where
 * nothing is known of a branch it takes the way to the loop with the fewest instructions, and it does what a condition
 * guards of which nothing is known. An access of 64 or 128 bits a lane goes by halves or quarters of a warp.
 */
final class SharedAccesses {
    private static final int BANKS = 32;
    private static final int MOST_STEPS = 200_000;
    private static final int TRUE = 7;
    private static final int TID_X = 0x21;
    private static final int LANE = 0;
    private static final Set<Integer> LANE_MASKS = Set.of(0x38, 0x39, 0x3a, 0x3b, 0x3c);
    private static final int PASSES = 2;
    private static final Set<String> OF_SHARED = Set.of("LDS", "STS", "LDSM");
    private static final Set<String> WITHOUT_RESULT = Set.of("STS", "ST", "STG", "STL", "STAS", "BAR", "BRA", "BRX",
            "EXIT",
            "BSSY", "BSYNC", "NOP", "WARPSYNC", "DEPBAR", "LDGDEPBAR", "LDGSTS", "CCTL", Opcodes.PREFETCH, "MEMBAR",
            "CALL",
            "RET", "RED", "NANOSLEEP", "FENCE", "SYNCS", "SYNCS.EXCH", "UCGABAR", "ERRBAR", "BREAK", "PLOP3", "R2P",
            "FSETP", "DSETP", "FCHK", "YIELD", "PREEXIT",
            "ACQBULK");

    private final List<Instruction> code;
    private final int warp;
    private final Map<Integer, Lanes> registers = new HashMap<>();
    private final Map<Integer, Lanes> ofWarp = new HashMap<>();
    private final Map<Integer, Lanes> predicates = new HashMap<>();
    /** By address. 0 stands for one of unknown addresses. */
    private final Map<Integer, Integer> wavefronts = new HashMap<>();
    private boolean recording;

    private SharedAccesses(List<Instruction> code, int warp) {
        this.code = code;
        this.warp = warp;
    }

    /**
     * Wavefronts of each access of a loop's path by its address in the kernel, the most of any of a block's warps that
     * come to the loop; 0 where its addresses are not known.
     */
    static Map<Integer, Integer> of(List<Instruction> code, Loop loop, int warps) {
        int[] distance = distances(code, loop.path().getFirst().at());
        Map<Integer, Integer> most = new TreeMap<>();
        for (int warp = 0; warp < warps; warp++) {
            SharedAccesses one = new SharedAccesses(code, warp);
            if (one.reaches(loop.path().getFirst(), distance)) {
                for (int pass = 0; pass < PASSES; pass++) {
                    one.recording = pass == PASSES - 1;
                    loop.path().forEach(one::run);
                }
                one.wavefronts.forEach((at, count) -> most.merge(at, count,
                        (a, b) -> a == 0 || b == 0 ? 0 : Math.max(a, b)));
            }
        }
        return most;
    }

    /** The fewest wavefronts for the bits that an access moves for each lane. */
    static int fewest(Instruction access) {
        return access.bits() / 32;
    }

    /** Of each instruction the fewest others to go through on the way to one. */
    private static int[] distances(List<Instruction> code, int to) {
        int[] distance = new int[code.size()];
        Arrays.fill(distance, Integer.MAX_VALUE);
        List<List<Integer>> before = Stream.generate(() -> (List<Integer>) new ArrayList<Integer>()).limit(code.size())
                .toList();
        code.forEach(each -> each.next().stream().map(at -> at / Instruction.BYTES).filter(at -> at < code.size())
                .forEach(at -> before.get(at).add(each.index())));
        Deque<Integer> open = new ArrayDeque<>(List.of(to / Instruction.BYTES));
        distance[to / Instruction.BYTES] = 0;
        while (!open.isEmpty()) {
            int here = open.remove();
            for (int from : before.get(here)) {
                if (distance[from] == Integer.MAX_VALUE) {
                    distance[from] = distance[here] + 1;
                    open.add(from);
                }
            }
        }
        return distance;
    }

    private boolean reaches(Instruction head, int[] distance) {
        Instruction here = code.getFirst();
        for (int step = 0; step < MOST_STEPS && !here.equals(head); step++) {
            run(here);
            List<Integer> next = here.next().stream().filter(at -> at / Instruction.BYTES < code.size()
                    && distance[at / Instruction.BYTES] < Integer.MAX_VALUE).toList();
            OptionalInt decided = here.target() >= 0 ? decision(here) : OptionalInt.empty();
            int to = decided.isPresent() && here.conditional() ? decided.getAsInt() : next.stream()
                    .min(Comparator.comparingInt(at -> distance[at / Instruction.BYTES])).orElse(-1);
            if (!next.contains(to)) {
                return false;
            }
            here = code.get(to / Instruction.BYTES);
        }
        return here.equals(head);
    }

    /** Where a branch goes whose condition all lanes know and share. */
    private OptionalInt decision(Instruction branch) {
        Lanes taken = predicate(branch.words(), 12, 15).with(predicate(branch.words(), 87, 90), (a, b) -> a & b);
        if (branch.opcode() != Instruction.BRANCH || !taken.exact() || !taken.same()) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(taken.values()[0] != 0 ? branch.target() : branch.at() + Instruction.BYTES);
    }

    private Lanes predicate(Words words, int from, int negated) {
        int number = words.bits(from, 3);
        Lanes value = number == TRUE ? Lanes.all(1) : predicates.getOrDefault(number, Lanes.UNKNOWN);
        return words.has(negated) ? Lanes.of(List.of(value), each -> 1 - each[0]) : value;
    }

    private Lanes read(Source source) {
        Lanes value = switch (source.kind()) {
            case NUMBER -> Lanes.all(source.value());
            case CONSTANT -> Lanes.SAME;
            case OF_WARP -> ofWarp.getOrDefault(source.value(), Lanes.SAME);
            case REGISTER -> register(source.value());
        };
        return source.negative() ? value.times(Lanes.all(-1)) : value;
    }

    private Lanes register(int number) {
        return number == Operands.ZERO ? Lanes.ZERO : registers.getOrDefault(number, Lanes.UNKNOWN);
    }

    private void run(Instruction it) {
        if (it.never()) {
            return;
        }
        Lanes guard = predicate(it.words(), 12, 15);
        if (recording && OF_SHARED.contains(it.name())) {
            wavefronts.put(it.at(), wavefronts(it, address(it), guard));
        }
        if (it.is("ISETP")) {
            compare(it);
        } else if (!WITHOUT_RESULT.contains(it.name()) && !it.name().equals("UISETP")) {
            boolean warps = it.name().startsWith("U") || it.is("S2UR") || it.is("R2UR") || it.is("LDCU");
            Map<Integer, Lanes> to = warps ? ofWarp : registers;
            int into = it.words().bits(16, 8);
            Lanes result = result(it, warps);
            for (int i = results(it) - 1; i > 0; i--) {
                to.put(into + i, warps ? Lanes.SAME : high(it, result));
            }
            to.put(into, chosen(guard, result, to.getOrDefault(into, Lanes.UNKNOWN)));
        }
    }

    /** What a lane whose guard is known not to hold had before stays there. */
    private static Lanes chosen(Lanes guard, Lanes result, Lanes before) {
        if (!guard.exact() || guard.same()) {
            return guard.exact() && guard.values()[0] == 0 ? before : result;
        }
        return Lanes.of(List.of(guard, result, before), each -> each[0] != 0 ? each[1] : each[2]);
    }

    private static Lanes high(Instruction it, Lanes result) {
        return it.is("CS2R") ? result : result.same() ? Lanes.SAME : Lanes.UNKNOWN;
    }

    /** How many registers it writes. */
    private static int results(Instruction it) {
        return switch (it.name()) {
            case "LD", "LDG", "LDS", "LDSM", "LDL", "LDC", "LDCU", "ULDC" -> it.bits() / 32;
            case "HMMA" -> 4;
            case "IMAD.WIDE", "UIMAD.WIDE", "CS2R", "DADD", "DMUL", "DFMA" -> 2;
            default -> 1;
        };
    }

    private Lanes result(Instruction it, boolean warps) {
        Words words = it.words();
        Operands operands = Operands.of(it, warps && !it.is("R2UR"));
        Lanes a = read(operands.a());
        Lanes b = read(operands.b());
        Lanes c = read(operands.c());
        boolean extended = words.has(74);
        return switch (it.name()) {
            case "S2R" -> special(words.bits(72, 8));
            case "CS2R" -> words.bits(72, 8) == Operands.ZERO ? Lanes.ZERO : Lanes.SAME;
            case "S2UR", "LDC", "LDCU", "ULDC", "VOTE", "VOTEU", "REDUX", "UFLO" -> Lanes.SAME;
            case "R2UR" -> a.exact() && a.same() ? a : Lanes.SAME;
            case "MOV", "UMOV" -> b;
            case "IADD3", "UIADD3" -> extended ? unsettled(List.of(a, b, c)) : a.plus(b).plus(c);
            case "VIADD" -> a.plus(b);
            case "IMAD", "UIMAD", "IMAD.WIDE", "UIMAD.WIDE" ->
                extended ? unsettled(List.of(a, b, c)) : a.times(b).plus(c);
            case "LEA", "ULEA" -> {
                int by = words.bits(75, 5);
                yield extended ? unsettled(List.of(a, b, c))
                        : words.has(80) ? upper(by, words.has(73), a, plain(operands.c())).plus(b)
                        : a.times(Lanes.all(1 << by)).plus(b);
            }
            case "LOP3", "ULOP3" ->
                logic(words.bits(72, 8), plain(operands.a()), plain(operands.b()), plain(operands.c()));
            case "SHF", "USHF" -> shifted(words, plain(operands.a()), b, plain(operands.c()));
            case "IABS" -> Lanes.of(List.of(b), each -> Math.abs(each[0]));
            case "SEL", "USEL" -> selected(warps ? Lanes.SAME : predicate(words, 87, 90), a, b);
            case "VIMNMX", "IMNMX" -> lesserOrGreater(predicate(words, 87, 90), a, b);
            case "VIADDMNMX" -> lesserOrGreater(predicate(words, 87, 90), a.plus(b), c);
            case "LD", "LDS", "LDSM", "LDG", "LDL" -> a.same() && !it.is("LDSM") ? Lanes.SAME : Lanes.UNKNOWN;
            case "SHFL", "MOVM", "HMMA", "FLO", "MATCH" -> Lanes.UNKNOWN;
            default -> unsettled(List.of(a, b, c));
        };
    }

    /** Without a sign, whose bit means something else there. */
    private Lanes plain(Source source) {
        return read(new Source(source.kind(), source.value(), false));
    }

    private Lanes special(int number) {
        return number == TID_X ? Lanes.of(lane -> Lanes.WARP * warp + lane)
                : number == LANE ? Lanes.of(lane -> lane) : LANE_MASKS.contains(number) ? Lanes.UNKNOWN : Lanes.SAME;
    }

    private static Lanes unsettled(List<Lanes> sources) {
        return sources.stream().allMatch(Lanes::same) ? Lanes.SAME : Lanes.UNKNOWN;
    }

    private static Lanes logic(int table, Lanes a, Lanes b, Lanes c) {
        return Lanes.of(List.of(a, b, c), each -> IntStream.range(0, 8).filter(row -> ((table >> row) & 1) != 0)
                .map(row -> (row & 4) != 0 ? each[0] & pair(row, each) : ~each[0] & pair(row, each))
                .reduce(0, (x, y) -> x | y));
    }

    private static int pair(int row, int[] each) {
        return ((row & 2) != 0 ? each[1] : ~each[1]) & ((row & 1) != 0 ? each[2] : ~each[2]);
    }

    /** The upper half of the 64 bits of c and a, or of a with its sign, that are shifted to the left. */
    private static Lanes upper(int by, boolean signed, Lanes a, Lanes c) {
        return Lanes.of(List.of(a, c),
                each -> (int) (((signed ? each[0] : ((long) each[1] << 32) | (each[0] & 0xffffffffL)) << by) >>> 32));
    }

    /** By b bits the 64 of c and a, c the upper; of the result the upper half or the lower. */
    private static Lanes shifted(Words words, Lanes a, Lanes b, Lanes c) {
        boolean right = words.has(76);
        boolean upper = words.has(80);
        boolean signed = words.bits(73, 2) % 2 == 0;
        if (!right && !upper && b.exact() && b.same()) {
            return a.times(Lanes.all(1 << b.values()[0]));
        }
        return Lanes.of(List.of(a, b, c), each -> {
            long both = ((long) each[2] << 32) | (each[0] & 0xffffffffL);
            long moved = !right ? both << each[1] : signed ? both >> each[1] : both >>> each[1];
            return (int) (upper ? moved >>> 32 : moved);
        });
    }

    /** Where nothing is known of a condition, a: the other is one of another step, and as far apart by lanes. */
    private static Lanes selected(Lanes condition, Lanes a, Lanes b) {
        return condition.exact() ? Lanes.of(List.of(condition, a, b), each -> each[0] != 0 ? each[1] : each[2])
                : a.known() ? a : b;
    }

    /** Lanes that are clamped to a kernel's argument are taken as they are: the layer fills its warps. */
    private static Lanes lesserOrGreater(Lanes least, Lanes a, Lanes b) {
        if (a.exact() != b.exact() && a.known() && b.known() && a.same() != b.same()) {
            return a.same() ? b : a;
        }
        return Lanes.of(List.of(least, a, b),
                each -> each[0] != 0 ? Math.min(each[1], each[2]) : Math.max(each[1], each[2]));
    }

    private void compare(Instruction it) {
        Words words = it.words();
        Operands operands = Operands.of(it, false);
        Lanes also = predicate(words, 87, 90);
        int kind = words.bits(76, 3);
        int combined = words.bits(74, 2);
        boolean signed = words.has(73);
        Lanes holds = words.has(72) ? Lanes.UNKNOWN : Lanes.of(List.of(plain(operands.a()), plain(operands.b()), also),
                each -> {
                    int order = signed ? Integer.compare(each[0], each[1]) : Integer.compareUnsigned(each[0], each[1]);
                    boolean one = kind == TRUE || (order < 0 ? (kind & 1) != 0 : order == 0 ? (kind & 2) != 0
                            : (kind & 4) != 0);
                    boolean two = each[2] != 0;
                    return (combined == 0 ? one && two : combined == 1 ? one || two : one ^ two) ? 1 : 0;
                });
        predicates.put(words.bits(81, 3), holds);
        predicates.put(words.bits(84, 3), Lanes.UNKNOWN);
    }

    /** Of an access to shared memory; a number that only the warp knows is left out. */
    private Lanes address(Instruction it) {
        int offset = it.words().bits(40, 24) << 8 >> 8;
        return register(it.words().bits(24, 8)).plus(Lanes.all(offset));
    }

    private static int wavefronts(Instruction it, Lanes address, Lanes guard) {
        if (!address.known()) {
            return 0;
        }
        boolean matrices = it.is("LDSM");
        int words = matrices ? 4 : it.bits() / 32;
        int lanes = Lanes.WARP / words;
        int groups = matrices ? it.bits() / 32 : words;
        int rounds = 0;
        for (int group = 0; group < groups; group++) {
            Map<Integer, Set<Integer>> banks = new HashMap<>();
            for (int lane = group * lanes; lane < (group + 1) * lanes; lane++) {
                for (int i = 0; i < words && (!guard.exact() || guard.values()[lane] != 0); i++) {
                    int word = Math.floorDiv(address.values()[lane], 4) + i;
                    banks.computeIfAbsent(Math.floorMod(word, BANKS), _ -> new HashSet<>()).add(word);
                }
            }
            rounds += Math.max(1, banks.values().stream().mapToInt(Set::size).max().orElse(0));
        }
        return rounds;
    }
}
