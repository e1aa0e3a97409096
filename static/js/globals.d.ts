// What htmx leaves on window; only the parts that our modules call.
declare const htmx: {
  process(element: Element): void;
  ajax(verb: string, path: string, context: object): Promise<void>;
  trigger(element: Element, name: string, detail?: object): void;
  swap(target: Element, html: string, spec: { swapStyle: string }): void;
};
