package org.charlstm.cli.console;

import java.lang.reflect.Proxy;
import module java.base;
import org.charlstm.rank.Collective;

/**
 * Turns Ctrl-C and requests to terminate into a flag, SIGUSR1 too, which launchers of several processes pass on to
 * them. The first says at once that what is under way will be finished and saved; the second ends the process at once,
 * whatever it waits for, with the signal's exit code, 130 for Ctrl-C. Where the JVM lets nobody have its signals, they
 * end the process as ever.
 */
public final class Interruption implements AutoCloseable {
    private static final List<String> SIGNALS = List.of("INT", "TERM", "HUP", "USR1");
    /** A shell adds this to the number of the signal that ended a process. */
    private static final int BY_SIGNAL = 128;

    private final Console console;
    private final String saving;
    private final Runnable whenRequested;
    /** Restores the handlers of the signals. */
    private final List<Runnable> former = new ArrayList<>();
    private volatile int code;

    /**
     * Takes the signals.
     *
     * @param saving        what is being finished, for the line on standard error
     * @param whenRequested told of the first one, on another thread
     */
    public Interruption(Console console, String saving, Runnable whenRequested) {
        this.console = console;
        this.saving = saving;
        this.whenRequested = whenRequested;
        SIGNALS.forEach(name -> former.add(handle(name, this::signalled)));
    }

    /** Takes a signal, as the machine's come. */
    public void signalled(int number) {
        if (requested()) {
            // Not through shutdown hooks and finally: what is under way may wait for somebody who never comes.
            Runtime.getRuntime().halt(BY_SIGNAL + number);
        }
        code = BY_SIGNAL + number;
        whenRequested.run();
        console.say("charlstm: " + saving + "; once more ends it at once");
    }

    /** Has a signal that nobody takes end all ranks with the exit code that it gives this process. */
    public static void endAll(Collective ranks) {
        SIGNALS.forEach(name -> handle(name, number -> {
            ranks.endsWith(BY_SIGNAL + number);
            System.exit(BY_SIGNAL + number);
        }));
    }

    public boolean requested() {
        return code != 0;
    }

    /** The exit code of a process that a signal has ended, or else another. */
    public int code(int otherwise) {
        return requested() ? code : otherwise;
    }

    /**
     * Has a signal handled, by the class that all JVMs have for it but no compiler lets one name without a warning.
     *
     * @return what undoes it
     */
    private static Runnable handle(String name, IntConsumer handler) {
        try {
            Class<?> type = Class.forName("sun.misc.Signal");
            Class<?> handlers = Class.forName("sun.misc.SignalHandler");
            Object signal = type.getConstructor(String.class).newInstance(name);
            int number = (int) type.getMethod("getNumber").invoke(signal);
            // No method of Object is called.
            InvocationHandler calls = (proxy, method, arguments) -> {
                handler.accept(number);
                return null;
            };
            Object ours = Proxy.newProxyInstance(handlers.getClassLoader(), new Class<?>[] {handlers}, calls);
            Object before = type.getMethod("handle", type, handlers).invoke(null, signal, ours);
            return () -> {
                try {
                    type.getMethod("handle", type, handlers).invoke(null, signal, before);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            };
        } catch (ReflectiveOperationException e) {
            System.getLogger(Interruption.class.getName()).log(System.Logger.Level.DEBUG, "no handler of " + name, e);
            return () -> {};
        }
    }

    @Override
    public void close() {
        former.forEach(Runnable::run);
        former.clear();
    }
}
