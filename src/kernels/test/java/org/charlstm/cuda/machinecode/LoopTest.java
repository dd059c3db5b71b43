package org.charlstm.cuda.machinecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cuda.machinecode.IssueModel.Warps;
import org.junit.jupiter.api.Test;

/** Loops assembled from words, and their cycles by the model. */
class LoopTest {
    private static final int MOV = 0x202;
    private static final int HMMA = 0x23c;
    private static final int LDG = 0x981;
    private static final int BRA = 0x947;
    private static final int CALL = 0x944;
    private static final int EXIT = 0x94d;
    private static final int BAR = 0xb1d;
    private static final int STAS = 0xdbd;
    private static final int SYNCS = 0x5a7;
    private static final int ALWAYS = 7;
    private static final int IF = 0;

    private final List<Instruction> code = new ArrayList<>();

    private void add(int opcode, int written, int waits) {
        add(opcode | (ALWAYS << 12), written, waits, 0);
    }

    private void add(long low, int written, int waits, int offset) {
        long words = offset / 4;
        long high = (1L << 41) | ((long) written << 46) | (7L << 49) | ((long) waits << 52) | (7 << 23)
                | ((words >> 38) & 0x3ffff);
        code.add(Instruction.of(16 * code.size(), low | ((words & 0xff) << 16) | (words >> 8 << 34), high, 90));
    }

    private void branch(int predicate, int to) {
        add(BRA | (predicate << 12), Instruction.NONE, 0, 16 * (to - code.size() - 1));
    }

    private void add(int opcode) {
        add(opcode, Instruction.NONE, 0);
    }

    /** An IMAD that reads one register. */
    private void multiply() {
        multiply(0);
    }

    private void multiply(int waits) {
        add(0x224 | (ALWAYS << 12) | (255L << 24) | (255L << 32), Instruction.NONE, waits, 0);
    }

    private Loop only() {
        List<Loop> loops = Loop.of(code);
        assertEquals(1, loops.size());
        return loops.getFirst();
    }

    private static List<Integer> places(List<Instruction> instructions) {
        return instructions.stream().map(Instruction::index).toList();
    }

    @Test
    void aLoopGoesFromItsHeadToItsLastBranchBack() {
        add(MOV);
        add(MOV);
        branch(IF, 1);
        add(BAR);
        branch(IF, 1);
        add(EXIT);
        Loop loop = only();
        assertEquals(List.of(1, 2, 3, 4), places(loop.body()));
        assertEquals(List.of(1, 2, 3, 4), places(loop.path()));
        assertTrue(loop.meets());
    }

    /** As ptxas places the second question of a wait. */
    @Test
    void rareCodeBehindTheRestIsNoLoopBackIntoTheMiddle() {
        add(MOV);
        add(SYNCS, 0, 0);
        branch(IF, 6);
        add(HMMA);
        branch(IF, 0);
        add(EXIT);
        add(SYNCS, 0, 0);
        branch(IF, 6);
        branch(ALWAYS, 3);
        List<Loop> loops = Loop.of(code);
        assertEquals(List.of(List.of(0, 1, 2, 3, 4), List.of(6, 7)),
                loops.stream().map(each -> places(each.body())).toList());
        assertTrue(loops.getFirst().meets());
        assertFalse(loops.getLast().isWithin(loops.getFirst()));
    }

    @Test
    void thePathGoesAroundCallsAndThroughOtherConditions() {
        branch(IF, 3);
        add(MOV);
        branch(ALWAYS, 4);
        add(MOV);
        branch(IF, 6);
        add(CALL);
        branch(IF, 0);
        assertEquals(List.of(0, 1, 2, 4, 6), places(only().path()));
    }

    @Test
    void branchesCountOnlyAmongProducts() {
        branch(IF, 2);
        add(HMMA);
        branch(IF, 4);
        add(MOV);
        add(HMMA);
        branch(IF, 0);
        assertEquals(1, only().branchesAmongProducts());
        assertEquals("HMMA", only().product());
    }

    @Test
    void aLoadIsWaitedForWhereItsOwnPassDoesSoBeforeTheFirstProduct() {
        add(MOV, Instruction.NONE, 1);
        add(LDG, 0, 0);
        branch(IF, 4);
        add(MOV, Instruction.NONE, 2);
        add(HMMA);
        add(MOV, Instruction.NONE, 1);
        branch(IF, 0);
        assertEquals(0, only().waitedFor());
        code.set(3, Instruction.of(48, MOV | (ALWAYS << 12), 1L << 52, 90));
        assertEquals(1, only().waitedFor());
    }

    private int cycles(int warps) {
        return cycles(warps, IssueModel.SENT);
    }

    private int cycles(int warps, int sent) {
        return IssueModel.cycles(List.of(some(only(), warps)), 90, IssueModel.FROM_L2, sent);
    }

    private static Warps some(Loop loop, int count) {
        return new Warps(loop.path(), count, Map.of());
    }

    @Test
    void aSchedulerIssuesOneInstructionACycle() {
        for (int i = 0; i < 9; i++) {
            multiply();
        }
        branch(IF, 0);
        assertEquals(10, cycles(1));
        assertEquals(10, cycles(4));
        assertEquals(30, cycles(12));
    }

    @Test
    void aProductHoldsTensorCoresAndALoadThoseWhoWait() {
        add(HMMA);
        add(HMMA);
        branch(IF, 0);
        assertEquals(12, cycles(1));
        assertEquals(24, cycles(8));
        code.clear();
        add(LDG, 0, 0);
        add(MOV, Instruction.NONE, 1);
        branch(IF, 0);
        assertEquals(2 + 270 + 2, cycles(1));
    }

    @Test
    void aLoadIsGivenTheCyclesUntilSomebodyWouldWaitForIt() {
        add(MOV, Instruction.NONE, 1);
        for (int i = 0; i < 9; i++) {
            add(MOV);
        }
        add(LDG, 0, 0);
        branch(IF, 0);
        // By the next pass's first instruction, which therefore waits.
        assertEquals(OptionalInt.of(2), IssueModel.given(List.of(some(only(), 1)), 90));
        assertEquals(2 + 270 + 10 * 2 - 1, cycles(1));
        code.clear();
        add(LDG, 1, 0);
        for (int i = 0; i < 9; i++) {
            multiply();
        }
        add(LDG, 0, 0);
        for (int i = 0; i < 20; i++) {
            multiply();
        }
        multiply(1);
        multiply(2);
        branch(IF, 0);
        assertEquals(OptionalInt.of(21), IssueModel.given(List.of(some(only(), 1)), 90));
        code.clear();
        add(LDG, 0, 0);
        branch(IF, 0);
        assertEquals(OptionalInt.empty(), IssueModel.given(List.of(some(only(), 1)), 90));
    }

    @Test
    void warpsMeetAtABarrierAndAtWhatTheySend() {
        add(MOV);
        add(BAR);
        branch(IF, 0);
        assertEquals(1 + 22 + 1, cycles(4));
        code.clear();
        add(SYNCS, 0, 0);
        add(STAS, Instruction.NONE, 1);
        branch(IF, 0);
        // Four warps send 128 bytes each.
        assertEquals(20 + 4 + 230, cycles(4, IssueModel.SENT_AT_MOST));
        assertEquals(20 + 4 + 230 + 13, cycles(4));
        assertEquals(20 + 4 + 230 + 29, cycles(4, IssueModel.SENT_AT_LEAST));
    }

    /** Of the warps that only multiply the first wait for what the others send, and these for their sums. */
    @Test
    void someWarpsShareTheProductsOfOthers() {
        add(SYNCS, 0, 0);
        add(LDG, 1, 0);
        add(HMMA, Instruction.NONE, 1);
        barrierOfARegister(64, false);
        add(STAS);
        branch(IF, 0);
        add(EXIT);
        add(SYNCS, 0, 0);
        add(HMMA, Instruction.NONE, 1);
        barrierOfARegister(64, true);
        branch(IF, 7);
        List<Loop> loops = Loop.of(code);
        Loop steps = loops.getFirst();
        Loop helps = loops.getLast();
        assertEquals(Optional.of(helps), steps.sharing(loops));
        assertEquals(Optional.of(steps), helps.sharing(loops));
        assertTrue(steps.leads(helps));
        assertFalse(helps.leads(steps));
        List<Warps> block = List.of(some(steps, 4), some(helps, 4));
        // A step waits for a send, and then for its own sum or the other's, which takes a product longer.
        int alone = IssueModel.cycles(List.of(some(steps, 8)), 90, 0, IssueModel.SENT_AT_MOST);
        int shared = IssueModel.cycles(block, 90, 0, IssueModel.SENT_AT_MOST);
        assertTrue(shared > 230 && shared < alone, shared + " and " + alone);
    }

    private void barrierOfARegister(int threads, boolean arrives) {
        long low = 0x51d | (ALWAYS << 12) | (5L << 32) | ((long) threads << 42);
        code.add(Instruction.of(16 * code.size(), low, (1L << 41) | (7L << 46) | (7L << 49) | (arrives ? 1L << 13 : 0),
                90));
    }

    /** The barrier's number, threads, and whether a warp only arrives there. */
    private void barrier(int number, int threads, boolean arrives) {
        long low = BAR | (ALWAYS << 12) | ((long) threads << 42) | ((long) number << 54);
        code.add(Instruction.of(16 * code.size(), low, (1L << 41) | (7L << 46) | (7L << 49) | (arrives ? 1L << 13 : 0),
                90));
    }

    private int cyclesBeside(int products, boolean arrivesFirst) {
        code.clear();
        multiply();
        barrier(arrivesFirst ? 2 : 1, 64, arrivesFirst);
        barrier(arrivesFirst ? 1 : 2, 64, !arrivesFirst);
        branch(IF, 0);
        add(EXIT);
        barrier(2, 64, false);
        barrier(1, 64, true);
        for (int i = 0; i < products; i++) {
            add(HMMA);
        }
        branch(IF, 5);
        Loop first = Loop.of(code).getFirst();
        Loop beside = Loop.of(code).getLast();
        assertTrue(first.letsGo(beside) && beside.letsGo(first));
        assertFalse(first.letsGo(first));
        return IssueModel.cycles(List.of(some(first, 1), some(beside, 1)), 90, IssueModel.FROM_L2, IssueModel.SENT);
    }

    /** The others arrive as soon as they are let go; they hold up those whose step is shorter than their products. */
    @Test
    void someWarpsWorkBesideOthers() {
        assertEquals(1 + 22 + 22 + 1, cyclesBeside(1, true));
        assertEquals(1 + 22 + 22 + 1, cyclesBeside(3, true));
        assertEquals(22 + 1 + 11 * 6 + 1 + 1, cyclesBeside(12, true));
        // They have arrived once before a loop at whose end they arrive.
        assertEquals(22 + 22, cyclesBeside(3, false));
    }
}
