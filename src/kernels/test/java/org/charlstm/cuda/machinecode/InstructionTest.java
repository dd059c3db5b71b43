package org.charlstm.cuda.machinecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.api.Test;

/** Words as ptxas 13.0 writes them of instructions that are known. */
class InstructionTest {
    private static Instruction of(long high, long low) {
        return Instruction.of(0x350, low, high, 90);
    }

    @Test
    void controlCodesSayWhatIsWaitedFor() {
        Instruction load = of(0x001ea2000c1e1b00L, 0x000000100a067981L);
        assertEquals("LDG", load.name());
        assertEquals(List.of(1, 2, Instruction.NONE, 1),
                List.of(load.stall(), load.written(), load.read(), load.waits()));
        Instruction store = of(0x0041e2000c10190cL, 0x0000000904007986L);
        assertEquals("STG", store.name());
        assertEquals(List.of(1, Instruction.NONE, 0, 4),
                List.of(store.stall(), store.written(), store.read(), store.waits()));
        assertTrue(store.waitsFor(2));
        assertFalse(store.waitsFor(0) || store.waitsFor(Instruction.NONE));
        Instruction wait = of(0x000fc80000000000L, 0x000081000000791aL);
        assertEquals(List.of("DEPBAR", 1, 4), List.of(wait.name(), wait.waits(), wait.left()));
    }

    @Test
    void aBranchTellsWhereToAndWhetherAlways() {
        Instruction around = of(0x004fea0003800000L, 0x0000000000709947L);
        assertEquals(0x520, around.target());
        assertTrue(around.conditional() && around.isBranch());
        assertEquals(List.of(0x360, 0x520), around.next());
        Instruction back = Instruction.of(0x550, 0xfffffffc00807947L, 0x000fea000383ffffL, 90);
        assertEquals(List.of(0x360), back.next());
        // BRA.DIV asks whether lanes have diverged, and another of two predicates: neither is in the place of one.
        assertTrue(of(0x000fea000b800000L, 0x00000046042c7947L).conditional());
        assertTrue(of(0x000ff60002000000L, 0x00000000009c7947L).conditional());
        Instruction older = Instruction.of(0x190, 0xfffffff000007947L, 0x000fc0000383ffffL, 80);
        assertEquals(0x190, older.target());
        assertEquals(List.of(), of(0x000fea0003800000L, 0x000000000000794dL).next());
    }

    @Test
    void sharedMemoryIsReadInWidths() {
        assertEquals(128, of(0x000e280000000c00L, 0x0000000006047984L).bits());
        assertEquals(64, of(0x000e280000000a00L, 0x0000000006047984L).bits());
        assertEquals(32, of(0x000e220008000800L, 0x00000004ff007984L).bits());
        assertEquals(32, of(0x000e280008000000L, 0x00000004ff05783bL).bits());
        assertEquals(64, of(0x000e620008000100L, 0x00000004ff06783bL).bits());
        assertEquals(128, of(0x000fea0000000200L, 0x00000004ff06783bL).bits());
        Instruction never = of(0x000fe20000000800L, 0x00000000fffff984L);
        assertEquals("LDS", never.name());
        assertFalse(never.is("LDS"));
    }

    @Test
    void clustersHaveTheirOwn() {
        assertEquals("STAS", of(0x0025e6000c00083fL, 0x0000000402007dbdL).name());
        assertEquals(128, of(0x0041e2000c000c3fL, 0x0000000c02007dbdL).bits());
        assertTrue(of(0x000e64000802017fL, 0x00000006110075a7L).asksForArrival());
        assertFalse(of(0x0005e6000800003fL, 0x0000000711ff89a7L).asksForArrival());
        assertEquals("MOVM", of(0x000e620000000000L, 0x000000000904723aL).name());
    }

    @Test
    void aBarrierHasANumberAndThreads() {
        Instruction waits = of(0x000fe20000010000L, 0x0086000000007b1dL);
        assertEquals(List.of("BAR", 2, 384), List.of(waits.name(), waits.barrier(), waits.threads()));
        assertTrue(waits.isOfSome(false));
        assertFalse(waits.isOfSome(true));
        assertTrue(of(0x000fec0000002000L, 0x0046000000007b1dL).isOfSome(true));
        Instruction ofAll = of(0x000fe20000010000L, 0x0000000000007b1dL);
        assertEquals(List.of(0, 0), List.of(ofAll.barrier(), ofAll.threads()));
        assertFalse(ofAll.isOfSome(false));
    }

    @Test
    void aPrefetchIsToldFromWhatElseIsDoneToCaches() {
        assertEquals(Opcodes.PREFETCH, of(0x0007e60000800100L, 0x000000006200798fL).name());
        assertEquals("CCTL", of(0x000fe20002000000L, 0x00000000ff00798fL).name());
    }

    @Test
    void operandsOfAnyKindGiveTheSameName() {
        assertEquals(List.of("FFMA", "FFMA", "FFMA", "DFMA", "DFMA"), Stream.of(0x223, 0x423, 0xc23, 0x22b, 0xe2b)
                .map(opcode -> Opcodes.name(opcode, 80)).toList());
    }

    @Test
    void someOpcodesMeanSomethingElseOnBlackwell() {
        assertEquals("IADD.64", Opcodes.name(0x835, 120));
        assertEquals("HFMA2.MMA", Opcodes.name(0x435, 90));
        assertEquals("LDCU", Opcodes.name(0x7ac, 120));
        assertEquals(Opcodes.UNKNOWN, Opcodes.name(0x7ac, 90));
    }
}
