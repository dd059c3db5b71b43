package org.charlstm.base;

import com.google.gson.JsonObject;
import java.lang.management.ManagementFactory;
import module java.base;
import org.charlstm.device.spi.Version;

/** The hardware and software that a run uses. */
public final class Machine {
    /** The version in the jar, or {@code development}. */
    public static String version() {
        return Version.of(Machine.class);
    }

    /** The processor's name as Linux gives it, or the architecture's name. */
    public static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name")).findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }

    /** Hardware and software on one line. */
    public static String line() {
        return processor() + ", " + Quantity.of(Runtime.getRuntime().availableProcessors(), "processors") + ", "
                + System.getProperty("os.name") + " " + System.getProperty("os.version") + ", Java "
                + Runtime.version() + ", charlstm " + version();
    }

    /** A description of the hardware and software as JSON, for scripts to read. */
    public static JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("processor", processor());
        json.addProperty("processors", Runtime.getRuntime().availableProcessors());
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            json.addProperty("memory_bytes", system.getTotalMemorySize());
        }
        json.addProperty("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        json.addProperty("java", Runtime.version().toString());
        json.addProperty("jvm", System.getProperty("java.vm.name"));
        json.addProperty("charlstm", version());
        return json;
    }
}
