package io.mortise.compat.jobs;

/** Processes for workflow engines. Stateless. */
final class Bpmn {
    private Bpmn() {}

    /**
     * Begins, does one thing on another thread, ends.
     *
     * @param extension the engine's own XML name space, called {@code ext} in the attribute
     * @param async the attribute that says so
     */
    static String withOneTask(String extension, String async, Class<?> step) {
        return """
                <?xml version="1.0" encoding="UTF-8"?>
                <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:ext="%s" targetNamespace="mortise">
                  <process id="orders" isExecutable="true">
                    <startEvent id="start"/>
                    <sequenceFlow id="one" sourceRef="start" targetRef="step"/>
                    <serviceTask id="step" %s="true" ext:class="%s"/>
                    <sequenceFlow id="two" sourceRef="step" targetRef="end"/>
                    <endEvent id="end"/>
                  </process>
                </definitions>
                """.formatted(extension, async, step.getName());
    }
}
