package org.charlstm.run;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.charlstm.device.Operations;
import org.charlstm.train.Schedule;

/**
 * What older versions of charlstm wrote of a run in its state. What they did not write had one value in all of their
 * runs, and is added; a state is never made of what is damaged.
 */
final class OlderState {
    private static final String SETTINGS = "settings";
    private static final String OPTIONS = "options";
    /** What all runs had before there was a choice. */
    private static final Map<String, String> ONLY = Map.of("accumulate", "1", "schedule", "Constant[]", "warm_up", "0",
            "clip_value", "Infinity");

    /** Totals that all versions have written: those that leave padding out came later. */
    private static final int TOTALS = 3;

    private OlderState() {
    }

    /** Today's totals, NaN for those that are not told. */
    static double[] totals(List<Double> told) {
        double[] totals = told.stream().mapToDouble(Double::doubleValue).toArray();
        if (totals.length == TOTALS) {
            totals = Arrays.copyOf(totals, Operations.TOTALS);
            Arrays.fill(totals, TOTALS, Operations.TOTALS, Double.NaN);
        }
        return totals;
    }

    /** The reverse: of a run that an older version began, in the same epoch, there are no more. */
    static List<Double> told(double[] totals) {
        return Arrays.stream(totals).filter(total -> !Double.isNaN(total)).boxed().toList();
    }

    /** Whether a state does not say if its epoch is whole, and has another digest of its text. */
    static boolean saysTooLittle(JsonObject said) {
        return !said.has("whole") && said.get(SETTINGS) instanceof JsonObject settings && isBeforeSchedules(settings);
    }

    private static boolean isBeforeSchedules(JsonObject settings) {
        return !settings.has("schedule");
    }

    /** Says what an older version wrote in today's words; leaves all else as it is. */
    static void translate(JsonObject said) {
        if (!(said.get(SETTINGS) instanceof JsonObject settings)) {
            return;
        }
        if (!settings.has("padding")) {
            settings.addProperty("padding", "lab");
        }
        if (!settings.has("streams")) {
            settings.addProperty("streams", "false");
        }
        if (!isBeforeSchedules(settings)) {
            return;
        }
        for (String name : settings.keySet().toArray(String[]::new)) {
            JsonElement value = settings.remove(name);
            settings.add(name.replace(' ', '_'), value);
        }
        if (!settings.has("clip_norm")) {
            settings.addProperty("clip_norm", "Infinity");
        }
        ONLY.forEach(settings::addProperty);
        JsonElement rule = settings.get("update_rule");
        if (rule != null && rule.isJsonPrimitive()) {
            settings.addProperty("update_rule", rule.getAsString().replaceFirst("^(RmsProp\\[.*[0-9])]$",
                    "$1, weightDecay=0.0]"));
        }
        if (!said.has("schedule")) {
            JsonObject begin = new JsonObject();
            begin.addProperty("factor", Schedule.Course.BEGIN.factor());
            begin.addProperty("best", Schedule.Course.BEGIN.best());
            begin.addProperty("waited", Schedule.Course.BEGIN.waited());
            said.add("schedule", begin);
        }
        if (said.get(OPTIONS) instanceof JsonObject options && options.has("rmsprop-epsilon")) {
            options.add("epsilon", options.remove("rmsprop-epsilon"));
        }
    }
}
