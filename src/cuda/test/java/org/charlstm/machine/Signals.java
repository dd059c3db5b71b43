package org.charlstm.machine;

import module java.base;

/** Signals to processes, by the C library: not every machine has a program that sends them. */
@SuppressWarnings("restricted")
public final class Signals {
    private static final boolean LINUX = System.getProperty("os.name").equals("Linux");
    private static final Map<String, Integer> NUMBERS =
            Map.of("INT", 2, "KILL", 9, "TERM", 15, "USR1", LINUX ? 10 : 30, "STOP", LINUX ? 19 : 17);
    private static final MethodHandle KILL = Linker.nativeLinker().downcallHandle(
            Linker.nativeLinker().defaultLookup().findOrThrow("kill"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private Signals() {
    }

    /** Sends a signal by its name without SIG. */
    public static void send(ProcessHandle process, String signal) {
        int answer;
        try {
            answer = (int) KILL.invokeExact((int) process.pid(), (int) NUMBERS.get(signal));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        if (answer != 0) {
            throw new AssertionError("no SIG" + signal + " for process " + process.pid());
        }
    }
}
