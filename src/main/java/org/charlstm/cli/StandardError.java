package org.charlstm.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Undoes the launcher's detour of standard error. The JVM prints a notice about its incubator modules before any Java
 * code runs, so the launcher starts it with a filter on descriptor 2 and the true standard error on descriptor 3; from
 * here on the program writes to the true one again.
 */
final class StandardError {
    private static final String PROPERTY = "charlstm.stderr";

    private StandardError() {
    }

    @SuppressWarnings("restricted")
    static void restore() {
        Integer saved = Integer.getInteger(PROPERTY);
        if (saved == null) {
            return;
        }
        Linker linker = Linker.nativeLinker();
        MethodHandle dup2 = linker.downcallHandle(linker.defaultLookup().findOrThrow("dup2"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            int result = (int) dup2.invokeExact((int) saved, 2);
            if (result != 2) {
                System.err.println("charlstm: standard error stays behind the launcher's filter");
            }
        } catch (Throwable e) {
            throw new IllegalStateException("dup2 cannot be called", e);
        }
    }
}
