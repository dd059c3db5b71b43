package org.charlstm.device;

/**
 * One thing that a device needs, and what was found of it.
 *
 * @param subject what, for example {@code cuDNN}
 * @param present whether it is here
 * @param text    version and place, or why it is not here; one line
 */
public record Finding(String subject, boolean present, String text) {
    /** The subject of a trial with all that a device needs: where it is not present, the device does not train. */
    public static final String ENGINE = "engine";
}
