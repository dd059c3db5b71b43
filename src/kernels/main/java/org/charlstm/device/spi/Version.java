package org.charlstm.device.spi;

import java.lang.module.ModuleDescriptor;
import java.util.Optional;

/** The version of a part of charlstm. */
public final class Version {
    /** The version in the jar of a class, or {@code development}. */
    public static String of(Class<?> type) {
        return Optional.ofNullable(type.getModule().getDescriptor()).flatMap(ModuleDescriptor::rawVersion)
                .or(() -> Optional.ofNullable(type.getPackage().getImplementationVersion())).orElse("development");
    }
}
