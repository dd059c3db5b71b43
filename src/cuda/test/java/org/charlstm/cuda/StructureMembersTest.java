package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;
import org.junit.jupiter.api.Test;

/** Which numbers a structure has, where: by its text, and by the layout that a program gives for it. */
class StructureMembersTest {
    private static final String BOTH = "int at 0, float at 4, double at 8, long at 16, byte at 24, short at 26";

    @Test
    void aTextAndALayoutTellTheSame() {
        String text = """
                typedef float real;
                struct Mixed { int a; real b; const double c; float* d; bool e; __half f; };
                typedef struct { unsigned char rgb[3]; int n[2][2]; } Color;
                """;
        Map<String, String> told = StructureMembers.inSource(text, KernelType.aliases(text));
        assertEquals(BOTH, told.get("Mixed"));
        assertEquals("byte at 0, byte at 1, byte at 2, int at 4, int at 8, int at 12, int at 16", told.get("Color"));
        assertEquals(BOTH, StructureMembers.of(MemoryLayout.structLayout(ValueLayout.JAVA_INT, ValueLayout.JAVA_FLOAT,
                ValueLayout.JAVA_DOUBLE, ValueLayout.ADDRESS, ValueLayout.JAVA_BOOLEAN, MemoryLayout.paddingLayout(1),
                ValueLayout.JAVA_SHORT, MemoryLayout.paddingLayout(4))));
        assertEquals("int at 0, int at 4", StructureMembers.of(MemoryLayout.sequenceLayout(2, ValueLayout.JAVA_INT)));
    }

    /** Nothing is refused for what nobody understands. */
    @Test
    void restIsUnknown() {
        for (String body : new String[] {"int a : 3;", "Other o;", "float2 v;", "int f() const;", "int a, b;",
            "alignas(16) int a;", "int a[N];", "public: int a;"}) {
            assertEquals(Map.of("S", ""), StructureMembers.inSource("struct S { " + body + " };", Map.of()), body);
        }
        assertEquals(Map.of("S", ""), StructureMembers.inSource("struct S { int a; }; struct S { float a; };",
                Map.of()));
        assertEquals(Map.of(), StructureMembers.inSource("#pragma pack(1)\nstruct S { char a; int b; };", Map.of()));
        assertEquals(Map.of(), StructureMembers.inSource("struct S : T { int b; };", Map.of()));
        assertEquals("", StructureMembers.of(MemoryLayout.sequenceLayout(16, ValueLayout.JAVA_BYTE)));
        assertEquals("", StructureMembers.of(MemoryLayout.sequenceLayout(1L << 40, ValueLayout.JAVA_INT)));
        assertEquals("", StructureMembers.of(MemoryLayout.unionLayout(ValueLayout.JAVA_INT, ValueLayout.JAVA_FLOAT)));
    }
}
