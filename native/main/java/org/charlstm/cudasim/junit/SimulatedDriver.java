package org.charlstm.cudasim.junit;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaOptions;

/** The simulated driver of this process: its settings and its findings. */
@SuppressWarnings("restricted")
final class SimulatedDriver {
    private static final Linker LINKER = Linker.nativeLinker();

    private static final class Loaded {
        private static final SimulatedDriver DRIVER = load();

        /** Opens the simulated libcuda.so.1 first; the loader returns it for every later request of this name. */
        private static SimulatedDriver load() {
            Cuda.open(CudaOptions.SIMULATED).close();
            return new SimulatedDriver(SymbolLookup.libraryLookup("libcuda.so.1", Arena.global()));
        }
    }

    /**
     * A finding.
     *
     * @param kind for example {@code race}
     * @param text the message of a failing test
     */
    record Finding(SimulatedGpu.Grade grade, String kind, String text) {
        /** Reads a finding from the simulated GPU's line of JSON. */
        static Finding of(String line) {
            String grade = member("grade", line);
            String kind = member("kind", line);
            String place = member("place", line);
            String remedy = member("remedy", line);
            return new Finding(Arrays.stream(SimulatedGpu.Grade.values())
                    .filter(each -> each.name().equalsIgnoreCase(grade)).findFirst()
                    .orElseThrow(() -> new IllegalStateException("a finding without a grade: " + line)),
                    kind, grade + " (" + kind + "): " + member("message", line)
                            + (place.isEmpty() || member("message", line).contains(place) ? "" : ", " + place)
                            + (remedy.isEmpty() ? "" : "\n    " + remedy));
        }

        private static String member(String name, String line) {
            Matcher found = Pattern.compile("\"" + name + "\":\"((?:[^\"\\\\]|\\\\.)*)\"").matcher(line);
            return found.find() ? Pattern.compile("\\\\(u[0-9a-fA-F]{4}|.)").matcher(found.group(1))
                    .replaceAll(escape -> Matcher.quoteReplacement(unescaped(escape.group(1)))) : "";
        }

        private static String unescaped(String escape) {
            return switch (escape.charAt(0)) {
                case 'n' -> "\n";
                case 't' -> "\t";
                case 'u' -> String.valueOf((char) Integer.parseInt(escape.substring(1), 16));
                default -> escape;
            };
        }
    }

    private final MethodHandle found;
    private final MethodHandle findings;
    private final MethodHandle kinds;
    private final MethodHandle refused;
    private final MethodHandle init;
    private final MethodHandle setenv;
    private final MethodHandle unsetenv;
    private long seen;

    private SimulatedDriver(SymbolLookup symbols) {
        found = LINKER.downcallHandle(symbols.findOrThrow("charlstm_sim_found"),
                FunctionDescriptor.of(ValueLayout.JAVA_LONG));
        findings = LINKER.downcallHandle(symbols.findOrThrow("charlstm_sim_findings"), FunctionDescriptor.of(
                ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        FunctionDescriptor text = FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG);
        kinds = LINKER.downcallHandle(symbols.findOrThrow("charlstm_sim_kinds"), text);
        refused = LINKER.downcallHandle(symbols.findOrThrow("charlstm_sim_refused"), text);
        setenv = LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow("setenv"), FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        unsetenv = LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow("unsetenv"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
        init = LINKER.downcallHandle(symbols.findOrThrow("cuInit"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    }

    static SimulatedDriver loaded() {
        return Loaded.DRIVER;
    }

    /** Makes the driver read its settings, and count calls and allocations for faults from here on. */
    void init() {
        try {
            int _ = (int) init.invokeExact(0);
        } catch (Throwable e) {
            throw new IllegalStateException("cuInit cannot be called", e);
        }
    }

    /** A line for each setting that the driver refused at the last reading. */
    List<String> refused() {
        return text(refused).lines().toList();
    }

    /** The kinds of findings. */
    List<String> kinds() {
        return List.of(text(kinds).split(", "));
    }

    private static String text(MethodHandle function) {
        try (Arena arena = Arena.ofConfined()) {
            long size = (long) function.invokeExact(MemorySegment.NULL, 0L);
            MemorySegment text = arena.allocate(size);
            long _ = (long) function.invokeExact(text, size);
            return text.getString(0);
        } catch (Throwable e) {
            throw new IllegalStateException("the simulated GPU cannot be asked", e);
        }
    }

    /**
     * Sets a variable in native code's environment; Java's own is a copy. An empty value restores the variable's value
     * at the process' start.
     */
    void set(String variable, String value) {
        String wanted = value.isEmpty() ? System.getenv(variable) : value;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(variable);
            int _ = wanted == null ? (int) unsetenv.invokeExact(name)
                    : (int) setenv.invokeExact(name, arena.allocateFrom(wanted), 1);
        } catch (Throwable e) {
            throw new IllegalStateException(variable + " cannot be set", e);
        }
    }

    /** The findings since the last call. */
    List<Finding> findings() {
        try (Arena arena = Arena.ofConfined()) {
            long from = seen;
            seen = (long) found.invokeExact();
            long size = (long) findings.invokeExact(from, MemorySegment.NULL, 0L);
            MemorySegment text = arena.allocate(Math.max(1, size));
            long _ = (long) findings.invokeExact(from, text, size);
            return text.getString(0).lines().map(Finding::of).toList();
        } catch (Throwable e) {
            throw new IllegalStateException("the simulated GPU's findings cannot be read", e);
        }
    }
}
