package org.charlstm.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.Fuzz;
import org.charlstm.Refusals;
import org.charlstm.SpoiltJson;
import org.charlstm.circle.Sampled;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.SavedModel;
import org.junit.jupiter.api.Test;

/** Every value in the configuration of a model of Keras, spoilt one at a time. */
@Sampled
class SpoiltConfigTest {
    private static final String PLACE = "spoilt.h5";

    @Test
    void configurationsOfEveryLayer() {
        int refused = 0;
        for (SavedModel model : List.of(Exported.everyKind(false),
                Exported.ofCells(RecurrentCell.forms().toArray(RecurrentCell[]::new)))) {
            for (String right : List.of(KerasConfigWriter.ofKeras2(model), KerasConfigWriter.ofKeras3(model))) {
                assertTrue(KerasConfig.of(PLACE, right, 2).layers().size() > 5);
                for (String json : SpoiltJson.of(right, Fuzz.CASES)) {
                    try {
                        KerasConfig.of(PLACE, json, 2);
                    } catch (CharlstmException e) {
                        refused++;
                        Refusals.assertLine(PLACE, e.getMessage());
                    }
                }
            }
        }
        assertTrue(refused > Fuzz.CASES, refused + " refused");
    }

    /** A flag that is none must not count as false in silence, nor a number in quotes as one. */
    @Test
    void theMemberIsNamed() {
        String right = KerasConfigWriter.ofKeras2(Exported.everyKind(false));
        for (List<String> wrong : List.of(
                List.of("\"return_sequences\":true", "\"return_sequences\":\"x\"",
                        "config.layers[2].config.return_sequences is \"x\", not true or false"),
                List.of("\"rate\":0.25", "\"rate\":\"0.25\"", "config.layers[4].config.rate is \"0.25\", not a number"),
                List.of("\"class_name\":\"Embedding\"", "\"class_name\":7",
                        "config.layers[1].class_name is 7, not a string"))) {
            String spoilt = right.replaceFirst(wrong.get(0), wrong.get(1));
            assertEquals(
                    PLACE + " has a broken description of its model: " + wrong.get(2) + "; save it anew with Keras",
                    Refusals.assertRefused(PLACE, () -> KerasConfig.of(PLACE, spoilt, 2)));
        }
    }
}
