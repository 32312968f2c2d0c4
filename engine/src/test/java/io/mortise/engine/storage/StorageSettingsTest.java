package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.h2.engine.ConnectionInfo;
import org.h2.engine.DbSettings;
import org.junit.jupiter.api.Test;

/** A contract with H2: an upgrade that adds or drops a setting is noticed here. */
final class StorageSettingsTest {
    @Test
    void theListIsWhatH2Knows() throws Exception {
        Field known = ConnectionInfo.class.getDeclaredField("KNOWN_SETTINGS");
        known.setAccessible(true);
        Set<String> expected = new TreeSet<>();
        ((Collection<?>) known.get(null)).forEach(name -> expected.add(name.toString()));
        expected.addAll(DbSettings.DEFAULT.getSettings().keySet());

        assertThat(StorageSettings.known()).containsExactlyElementsOf(expected);
    }
}
