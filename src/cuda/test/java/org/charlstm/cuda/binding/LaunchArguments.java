package org.charlstm.cuda.binding;

import module java.base;

/** A kernel's arguments as the driver takes them: an array of pointers to the values. */
public final class LaunchArguments {
    private LaunchArguments() {
    }

    /**
     * Lays arguments out in memory.
     *
     * @param arena  their memory, which has to live until the launch returns
     * @param kinds  the kernel's parameters, a letter each: p a pointer, l 64 bits, i 32 bits, f a float, d a double
     * @param values {@code Long} for p and l, {@code Integer}, {@code Float}, {@code Double}
     * @throws IllegalArgumentException if values and kinds do not match
     */
    public static MemorySegment of(Arena arena, String kinds, Object... values) {
        if (values.length != kinds.length()) {
            throw new IllegalArgumentException(values.length + " arguments for a kernel that takes " + kinds.length());
        }
        MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS, Math.max(1, values.length));
        MemorySegment slots = arena.allocate(ValueLayout.JAVA_LONG, Math.max(1, values.length));
        for (int i = 0; i < values.length; i++) {
            MemorySegment slot = slots.asSlice(8L * i, 8);
            set(slot, kinds.charAt(i), values[i], i);
            pointers.setAtIndex(ValueLayout.ADDRESS, i, slot);
        }
        return pointers;
    }

    private static void set(MemorySegment slot, char kind, Object value, int position) {
        if ((kind == 'p' || kind == 'l') && value instanceof Long number) {
            slot.set(ValueLayout.JAVA_LONG, 0, number);
        } else if (kind == 'i' && value instanceof Integer number) {
            slot.set(ValueLayout.JAVA_INT, 0, number);
        } else if (kind == 'f' && value instanceof Float number) {
            slot.set(ValueLayout.JAVA_FLOAT, 0, number);
        } else if (kind == 'd' && value instanceof Double number) {
            slot.set(ValueLayout.JAVA_DOUBLE, 0, number);
        } else {
            throw new IllegalArgumentException("argument " + position + " is a " + value.getClass().getSimpleName()
                    + ", but the kernel's parameter is of kind " + kind);
        }
    }
}
