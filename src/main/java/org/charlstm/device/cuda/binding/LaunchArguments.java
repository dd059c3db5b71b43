package org.charlstm.device.cuda.binding;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/** A kernel's arguments as the driver takes them: an array of pointers to the values. */
public final class LaunchArguments {
    private LaunchArguments() {
    }

    /**
     * Lays arguments out.
     *
     * @param arena  where they live; until the launch returns, which copies them
     * @param values {@code Integer} for int, {@code Long} for a pointer or 64 bits, {@code Float}, {@code Double}
     * @return a pointer to each
     */
    public static MemorySegment of(Arena arena, Object... values) {
        MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS, Math.max(1, values.length));
        for (int i = 0; i < values.length; i++) {
            pointers.setAtIndex(ValueLayout.ADDRESS, i, value(arena, values[i]));
        }
        return pointers;
    }

    private static MemorySegment value(SegmentAllocator arena, Object value) {
        return switch (value) {
            case Integer number -> arena.allocateFrom(ValueLayout.JAVA_INT, number);
            case Long number -> arena.allocateFrom(ValueLayout.JAVA_LONG, number);
            case Float number -> arena.allocateFrom(ValueLayout.JAVA_FLOAT, number);
            case Double number -> arena.allocateFrom(ValueLayout.JAVA_DOUBLE, number);
            default -> throw new IllegalArgumentException("no kernel takes a " + value.getClass());
        };
    }
}
