/* Answers beside the cases, each of which could be taken for a failure, a success or an absence that it is not. */
#include <criterion/criterion.h>
#include <string.h>

#include "support/program.h"

#define STRIPE_REFUND(id, status) \
  "{\"object\":\"refund\",\"id\":\"" id "\",\"status\":\"" status "\",\"metadata\":{\"order_id\":\"r1\"}}"
#define SEARCHED(total, rest) "{\"searchId\":\"s\",\"count\":1,\"totalCount\":" total rest "}"
#define CREDIT(id, code)                                                             \
  "{\"id\":\"" id                                                                    \
  "\",\"clientReferenceInformation\":{\"code\":\"r1\"},\"applicationInformation\":{" \
  "\"applications\":[{\"name\":\"ics_credit\",\"rCode\":\"" code "\"}]}}"
#define ANET_RESPONSE(code, id, error)                                                                                 \
  "{\"transactionResponse\":{\"responseCode\":\"" code "\",\"transId\":\"" id "\",\"errors\":[{\"errorCode\":\"" error \
  "\",\"errorText\":\"x\"}]},\"messages\":{\"resultCode\":\"Error\",\"message\":[{\"code\":\"E00027\",\"text\":\"x\"}" \
  "]}}"
#define ANET_MESSAGES(result, code) \
  "{\"resultCode\":\"" result "\",\"message\":[{\"code\":\"" code "\",\"text\":\"x\"}]}"
#define ANET_DETAILS(status, amount, invoice)                                                            \
  "{\"transaction\":{\"transId\":\"re_1\",\"transactionStatus\":\"" status "\",\"settleAmount\":" amount \
  ",\"order\":{\"invoiceNumber\":\"" invoice "\"}},\"messages\":" ANET_MESSAGES("Ok", "I00001") "}"
#define ANET_ROW(id, status) \
  "{\"transId\":\"" id "\",\"transactionStatus\":\"" status "\",\"invoiceNumber\":\"r1\",\"settleAmount\":5.00}"
#define ANET_LIST(rows, total) \
  "{\"transactions\":[" rows "],\"totalNumInResultSet\":" total ",\"messages\":" ANET_MESSAGES("Ok", "I00001") "}"
#define ANET_FAILED(code, errors) \
  "{\"transactionResponse\":{\"responseCode\":\"" code "\",\"transId\":\"7\"" errors "}}"
#define ANET_SYNC(members) \
  "{\"transaction\":{\"transId\":\"re_1\"," members ",\"transactionStatus\":\"refundSettledSuccessfully\"}}"
#define NUVEI_ERROR(code, reason) "{\"status\":\"ERROR\",\"errCode\":" code ",\"reason\":\"" reason "\"}"
#define NUVEI_REFUND(members) "{\"status\":\"SUCCESS\",\"errCode\":0,\"transactionId\":\"re_1\"" members "}"
#define NUVEI_DETAILS(type, members)                                                                              \
  "{\"status\":\"SUCCESS\",\"errCode\":0,\"transactionDetails\":{\"transactionId\":\"re_1\",\"transactionType\":" \
  "\"" type "\"" members "}}"
#define CNP_OUTER(attributes, inner) "<cnpOnlineResponse " attributes ">" inner "</cnpOnlineResponse>"
#define CNP(inner) CNP_OUTER("response=\"0\" message=\"Valid Format\"", inner)
#define CNP_CREDIT(id, code) \
  "<creditResponse id=\"refund_" id "\"><cnpTxnId>8</cnpTxnId><response>" code "</response></creditResponse>"
#define CNP_QUERY(code, inner) \
  CNP("<queryTransactionResponse><response>" code "</response>" inner "</queryTransactionResponse>")
#define CNP_FOUND(credits) CNP_QUERY("150", "<results_max10>" credits "</results_max10>")
#define CNP_DECLINED(code) \
  "{\"paymentStatus\":\"TRANSACTION_DECLINED\",\"paymentDetail\":{\"responseReasonCode\":\"" code "\"}}"
#define CONVERGE(type, rest) \
  "<txn><ssl_txn_id>t1</ssl_txn_id><ssl_transaction_type>" type "</ssl_transaction_type>" rest "</txn>"
#define CONVERGE_SYNC(id, type, status)                             \
  "<txn><ssl_txn_id>" id "</ssl_txn_id><ssl_transaction_type>" type \
  "</ssl_transaction_type>"                                         \
  "<ssl_trans_status>" status "</ssl_trans_status></txn>"

#define BRAINTREE_ERROR(class) "{\"message\":\"m\",\"extensions\":{\"errorClass\":\"" class "\"}}"
#define BRAINTREE_NODE(status, order)     \
  "{\"id\":\"re_1\",\"status\":\"" status \
  "\",\"amount\":{\"value\":\"5.00\",\"currencyCode\":\"USD\"},\"orderId\":\"" order "\"}"
#define BRAINTREE_REFUND(errors, status) \
  "{" errors "\"data\":{\"refundTransaction\":{\"refund\":" BRAINTREE_NODE(status, "r1") "}}}"
#define BRAINTREE_FOUND(errors, edges) "{" errors "\"data\":{\"search\":{\"refunds\":{\"edges\":[" edges "]}}}}"
#define CHECKOUT_ACTION(id, type, amount, rest) "{\"id\":\"" id "\",\"type\":\"" type "\",\"amount\":" amount rest "}"
#define OURS ",\"reference\":\"r1\""
#define APPROVED(value) ",\"approved\":" value
#define RAPYD(status, code, data) \
  "{\"status\":{\"status\":\"" status "\",\"error_code\":\"" code "\",\"message\":\"m\"}" data "}"
#define RAPYD_REFUND(payment, status, rest) \
  "\"data\":{\"id\":\"re_1\",\"payment\":\"" payment "\",\"status\":\"" status "\"" rest "}"
#define RAPYD_DATA(payment, status, rest) "," RAPYD_REFUND(payment, status, rest)
#define TRUSTPAY(code) "{\"status\":1,\"instanceId\":\"re_1\",\"paymentStatus\":\"" code "\"}"

#define SOAP(method, text)                                                                     \
  "<Envelope><Body><" method "Response><" method "Result>" text "</" method "Result></" method \
  "Response></Body></Envelope>"
#define SINGLE_REFUND(code, rest) \
  SOAP("SubmitSingleRefund", "<![CDATA[<Response><ResponseCode>" code "</ResponseCode>" rest "</Response>]]>")
#define QUERY(list) SOAP("QueryTransaction", "<![CDATA[<QueryResponse>" list "</QueryResponse>]]>")
#define TRANSACTION(receipt, code) \
  "<Response><ResponseCode>" code "</ResponseCode><Receipt>" receipt "</Receipt></Response>"
#define PROBLEM(title) "{\"type\":\"about:blank\",\"title\":\"" title "\",\"trace_id\":\"t\"}"
#define OPEN_BANKING(id, amount, status, ours)                                                  \
  "{\"id\":\"" id "\",\"amount_in_minor\":" amount ",\"currency\":\"USD\",\"status\":\"" status \
  "\",\"metadata\":{\"refund_id\":\"" ours "\"}}"

static const struct {
  const char *account;
  const char *flow;
  int http_status;
  const char *body;
  const char *refund_status;
  const char *reading; /* "" for none */
} answers[] = {
    {"stripe", "refund", 409, "{\"error\":{\"type\":\"invalid_request_error\",\"message\":\"in progress\"}}", "pending",
     "in_progress"},
    {"stripe", "refund", 400, "{\"error\":{\"type\":\"api_error\",\"message\":\"oops\"}}", "pending", "in_progress"},
    {"stripe", "refund", 409, STRIPE_REFUND("re_1", "succeeded"), "pending", "status"},
    {"stripe", "refund_lookup", 400, "{\"data\":[],\"has_more\":false}", "pending", "absent"},
    {"stripe", "refund_lookup", 200, "{\"data\":[],\"has_more\":true}", "pending", "in_progress"},
    {"stripe", "refund_lookup", 200,
     "{\"data\":[" STRIPE_REFUND("re_2", "failed") "," STRIPE_REFUND("re_1", "succeeded") "],\"has_more\":false}",
     "success", "status"},
    {"paypal", "refund", 409, "{\"name\":\"RESOURCE_CONFLICT\",\"message\":\"x\"}", "pending", "in_progress"},
    {"paypal", "refund", 400, "{\"error\":\"server_error\"}", "pending", ""},
    {"paypal", "refund_sync", 404, "{\"name\":\"RESOURCE_NOT_FOUND\",\"message\":\"x\"}", "pending", "absent"},
    {"cybersource", "refund", 400, "{\"id\":\"7\",\"status\":\"INVALID_REQUEST\",\"reason\":\"DUPLICATE_REQUEST\"}",
     "pending", "duplicate"},
    {"cybersource", "refund", 400, "{\"status\":\"SERVER_ERROR\",\"reason\":\"SERVER_TIMEOUT\"}", "pending",
     "in_progress"},
    {"cybersource", "refund_lookup", 201,
     SEARCHED("2", ",\"_embedded\":{\"transactionSummaries\":[" CREDIT("1", "0") "," CREDIT("2", "-1") "]}"), "pending",
     "status"},
    {"cybersource", "refund_lookup", 201,
     SEARCHED("5", ",\"_embedded\":{\"transactionSummaries\":[" CREDIT("1", "0") "]}"), "pending", "in_progress"},
    {"cybersource", "refund_lookup", 201, SEARCHED("5", ""), "pending", "in_progress"},
    {"adyen", "refund", 422, "{\"status\":422,\"message\":\"bad\",\"errorType\":\"validation\",\"pspReference\":\"P\"}",
     "pending", ""},
    {"worldpayxml", "refund", 200, "<paymentService><reply><error>what?</error></reply></paymentService>", "pending",
     ""},
    {"worldpayxml", "refund", 200,
     "<paymentService><reply><ok><refundReceived orderCode=\"other\"/></ok></reply></paymentService>", "pending", ""},
    {"worldpayxml", "refund", 403, "<html>filtered</html>", "pending", ""},
    {"braintree", "refund", 200, "{\"errors\":[" BRAINTREE_ERROR("AUTHENTICATION") "]}", "failure", "rejected"},
    {"braintree", "refund", 200, "{\"errors\":[" BRAINTREE_ERROR("INTERNAL") "]}", "pending", "in_progress"},
    {"braintree", "refund", 200, "{\"errors\":[" BRAINTREE_ERROR("SERVICE_AVAILABILITY") "]}", "pending",
     "in_progress"},
    {"braintree", "refund", 200, "{\"errors\":[" BRAINTREE_ERROR("NEW_CLASS") "]}", "pending", "in_progress"},
    {"braintree", "refund", 200, "{\"errors\":[{\"message\":\"m\"}]}", "pending", "in_progress"},
    {"braintree", "refund", 200, "{\"errors\":[" BRAINTREE_ERROR("VALIDATION") "," BRAINTREE_ERROR("INTERNAL") "]}",
     "pending", "in_progress"},
    {"braintree", "refund", 200, "{\"errors\":\"m\"}", "pending", ""},
    {"braintree", "refund", 400, "{\"errors\":\"m\"}", "pending", "in_progress"},
    {"braintree", "refund", 401, "{\"errors\":\"m\"}", "failure", "rejected"}, /* the account's, not the refund's */
    {"braintree", "refund", 422, "{\"apiErrorResponse\":{\"errors\":{\"errors\":[\"m\"]}}}", "pending", ""},
    {"braintree", "refund", 200, "{\"data\":{\"refundTransaction\":null}}", "pending", ""},
    {"braintree", "refund", 200, BRAINTREE_REFUND("\"errors\":[" BRAINTREE_ERROR("VALIDATION") "],", "SETTLED"),
     "success", "status"},
    {"braintree", "refund", 200, BRAINTREE_REFUND("", "SETTLEMENT_CONFIRMED"), "pending", "status"},
    {"braintree", "refund", 200, BRAINTREE_REFUND("", "VOIDED"), "failure", "status"},
    {"braintree", "refund", 422,
     "{\"apiErrorResponse\":{\"message\":\"m\",\"errors\":{\"transaction\":{\"errors\":[{\"code\":\"91506\","
     "\"message\":"
     "\"n\"}]}}}}",
     "failure", "rejected"},
    {"braintree", "refund_sync", 200, BRAINTREE_FOUND("", ""), "pending", "in_progress"},
    {"braintree", "refund_sync", 200, "{\"errors\":[" BRAINTREE_ERROR("NOT_FOUND") "]}", "pending", "rejected"},
    {"braintree", "refund_lookup", 200, BRAINTREE_FOUND("", "{\"node\":" BRAINTREE_NODE("SETTLED", "r2") "}"),
     "pending", "in_progress"},
    {"braintree", "refund_lookup", 200,
     BRAINTREE_FOUND("\"errors\":[" BRAINTREE_ERROR("SERVICE_AVAILABILITY") "],", ""), "pending", "in_progress"},
    {"braintree", "refund_lookup", 200, "{\"data\":{\"search\":{\"refunds\":null}}}", "pending", ""},
    {"checkout", "refund", 200, "{\"action_id\":\"act_1\"}", "pending", "status"},
    {"checkout", "refund", 202, "", "pending", ""},
    {"checkout", "refund", 409, "", "pending", "in_progress"},
    {"checkout", "refund", 409, "{\"error_type\":\"conflict\",\"error_codes\":[]}", "pending", "in_progress"},
    {"checkout", "refund", 400, "", "pending", ""},
    {"checkout", "refund", 403, "<html>filtered</html>", "pending", ""},
    {"checkout", "refund", 403, "", "failure", "rejected"},
    {"checkout", "refund", 422, "", "failure", "rejected"},
    {"checkout", "refund_sync", 200, "[" CHECKOUT_ACTION("act_2", "Refund", "500", OURS APPROVED("true")) "]",
     "pending", "in_progress"},
    {"checkout", "refund_sync", 200, "[" CHECKOUT_ACTION("re_1", "Refund", "500", OURS) "]", "pending", "status"},
    {"checkout", "refund_sync", 200, "[" CHECKOUT_ACTION("re_1", "Refund", "400", OURS APPROVED("true")) "]",
     "manual_review", "status"},
    {"checkout", "refund_sync", 200,
     "[" CHECKOUT_ACTION("re_1", "Capture", "500", APPROVED("true")) "," CHECKOUT_ACTION("re_1", "Refund", "500",
                                                                                         APPROVED("false")) "]",
     "failure", "status"},
    {"checkout", "refund_lookup", 404, "", "pending", "rejected"},
    {"checkout", "refund_lookup", 200, "[" CHECKOUT_ACTION("act_1", "Capture", "500", OURS APPROVED("true")) "]",
     "pending", "absent"},
    {"checkout", "refund_lookup", 200, "[" CHECKOUT_ACTION("act_1", "Refund", "500", APPROVED("true")) "]", "pending",
     "in_progress"},
    {"checkout", "refund_lookup", 200, "[" CHECKOUT_ACTION("act_1", "Refund", "400", APPROVED("true")) "]", "pending",
     "absent"},
    {"checkout", "refund_lookup", 200,
     "[" CHECKOUT_ACTION("act_1", "Refund", "500", OURS APPROVED("false")) "," CHECKOUT_ACTION(
         "act_2", "Refund", "500", OURS APPROVED("true")) "]",
     "success", "status"},
    {"checkout", "refund_lookup", 200, "[" CHECKOUT_ACTION("act_1", "REFUND", "500", OURS APPROVED("true")) "]",
     "success", "status"},
    {"checkout", "refund_lookup", 200, "[" CHECKOUT_ACTION("act_1", "Credit", "500", OURS APPROVED("true")) "]",
     "pending", "in_progress"},
    {"checkout", "refund_lookup", 200, "[" CHECKOUT_ACTION("act_1", "card verification", "500", OURS) "]", "pending",
     "absent"},
    {"checkout", "refund_lookup", 200, "[" CHECKOUT_ACTION("act_1", "Refund", "500", ",\"reference\":\"R1\"") "]",
     "pending", "in_progress"},
    {"checkout", "refund_lookup", 200, "[" CHECKOUT_ACTION("act_1", "Refund", "500", ",\"reference\":\"r2\"") "]",
     "pending", "absent"},
    {"checkout", "refund_lookup", 200, "[{\"id\":\"act_1\",\"type\":\"Refund\"}]", "pending", "in_progress"},
    {"checkout", "refund_lookup", 200, "[{\"amount\":400,\"reference\":\"r2\"}]", "pending", "in_progress"},
    {"checkout", "refund_lookup", 200, "[{\"x\":1}]", "pending", "in_progress"},
    {"checkout", "refund_lookup", 200, "[]", "pending", "absent"},
    {"reference", "refund", 409, "{\"error\":{\"code\":\"request_in_progress\",\"message\":\"x\"}}", "pending",
     "in_progress"},
    {"reference", "refund", 400, "{\"status\":\"failed\",\"title\":\"bad\"}", "pending", ""},
    {"reference", "refund_lookup", 200, "{\"data\":[],\"next\":\"abc\"}", "pending", "in_progress"},
    {"authorizedotnet", "refund", 200, ANET_RESPONSE("3", "0", "11"), "pending", "duplicate"},
    {"authorizedotnet", "refund", 200, ANET_RESPONSE("3", "0", "120"), "pending", "in_progress"},
    {"authorizedotnet", "refund", 200, ANET_RESPONSE("2", "7", "2"), "failure", "rejected"},
    {"authorizedotnet", "refund", 200, ANET_RESPONSE("4", "7", "253"), "manual_review", "status"},
    {"authorizedotnet", "refund", 200, ANET_RESPONSE("5", "7", "0"), "pending", "status"},
    {"authorizedotnet", "refund", 200, "{\"messages\":" ANET_MESSAGES("Error", "E00104") "}", "pending", "in_progress"},
    {"authorizedotnet", "refund", 200, "{\"messages\":" ANET_MESSAGES("Ok", "I00001") "}", "pending", ""},
    {"authorizedotnet", "refund", 200, "{\"transactionResponse\":{},\"messages\":" ANET_MESSAGES("Ok", "I00001") "}",
     "pending", ""},
    {"authorizedotnet", "refund", 400, ANET_MESSAGES("Error", "E00003"), "failure", "rejected"},
    {"authorizedotnet", "refund", 400, "{\"message\":\"no\"}", "pending", ""},
    {"authorizedotnet", "refund_sync", 200, "{\"messages\":" ANET_MESSAGES("Error", "E00040") "}", "pending", "absent"},
    {"authorizedotnet", "refund_sync", 200, "{\"messages\":" ANET_MESSAGES("Error", "E00011") "}", "pending",
     "rejected"},
    {"authorizedotnet", "refund_sync", 200, ANET_DETAILS("settledSuccessfully", "5.00", "r1"), "pending", "status"},
    {"authorizedotnet", "refund_sync", 200, ANET_DETAILS("refundSettledSuccessfully", "5.00", "r2"), "manual_review",
     "status"},
    {"authorizedotnet", "refund_sync", 200, ANET_DETAILS("refundSettledSuccessfully", "0.00", "r1"), "manual_review",
     "status"},
    {"authorizedotnet", "refund_sync", 200, ANET_DETAILS("voided", "0.00", "r1"), "failure", "status"},
    {"authorizedotnet", "refund_sync", 200, ANET_DETAILS("couldNotVoid", "5.00", "r1"), "pending", "status"},
    {"authorizedotnet", "refund_lookup", 200, ANET_LIST(ANET_ROW("1", "capturedPendingSettlement"), "1"), "pending",
     "absent"},
    {"authorizedotnet", "refund_lookup", 200, ANET_LIST(ANET_ROW("1", "capturedPendingSettlement"), "2"), "pending",
     "in_progress"},
    {"authorizedotnet", "refund_lookup", 200, ANET_LIST(ANET_ROW("1", "declined"), "2"), "pending", "in_progress"},
    {"authorizedotnet", "refund_lookup", 200,
     ANET_LIST(ANET_ROW("2", "declined") "," ANET_ROW("1", "refundPendingSettlement"), "2"), "pending", "status"},
    {"authorizedotnet", "refund_lookup", 200, "{\"messages\":" ANET_MESSAGES("Ok", "I00004") "}", "pending", "absent"},
    {"authorizedotnet", "refund_lookup", 200, "{\"messages\":" ANET_MESSAGES("Ok", "I00001") "}", "pending",
     "in_progress"},
    {"authorizedotnet", "refund", 200, ANET_FAILED("3", ",\"errors\":[{\"errorCode\":\"54\"},{\"errorCode\":\"120\"}]"),
     "pending", "in_progress"},
    {"authorizedotnet", "refund", 200, ANET_FAILED("2", ",\"errors\":[{\"errorCode\":\"2\"},{\"errorCode\":\"54\"}]"),
     "failure", "rejected"},
    {"authorizedotnet", "refund", 200, ANET_FAILED("3", ",\"errors\":[{\"errorText\":\"x\"}]"), "pending",
     "in_progress"},
    {"authorizedotnet", "refund", 200, ANET_FAILED("3", ",\"errors\":[]"), "pending", "in_progress"},
    {"authorizedotnet", "refund", 200, ANET_FAILED("2", ""), "pending", "in_progress"},
    {"authorizedotnet", "refund", 200,
     "{\"messages\":{\"resultCode\":\"Error\",\"message\":[{\"code\":\"E00003\"},{\"code\":\"E00001\"}]}}", "pending",
     "in_progress"},
    {"authorizedotnet", "refund_sync", 200, ANET_SYNC("\"refTransId\":\"pi_1\""), "success", "status"},
    {"authorizedotnet", "refund_sync", 200, ANET_SYNC("\"refTransId\":\"pi_2\""), "pending", ""},
    {"authorizedotnet", "refund_sync", 200, ANET_SYNC("\"transactionType\":\"authCaptureTransaction\""), "pending", ""},
    {"authorizedotnet", "refund_lookup", 200, ANET_LIST(ANET_ROW("1", "declined"), "1"), "pending", "status"},
    {"authorizedotnet", "refund_lookup", 200, ANET_LIST(ANET_ROW("pi_1", "voided"), "1"), "pending", "absent"},
    {"authorizedotnet", "refund_lookup", 200,
     ANET_LIST("{\"transId\":\"1\",\"transactionType\":\"authCaptureTransaction\",\"invoiceNumber\":\"r1\"}", "1"),
     "pending", "absent"},
    {"nuvei", "refund", 200, NUVEI_REFUND(""), "pending", "status"},
    {"nuvei", "refund", 200, NUVEI_REFUND(",\"transactionStatus\":\"REDIRECT\""), "pending", "status"},
    {"nuvei", "refund", 200, NUVEI_REFUND(",\"transactionStatus\":\"ERROR\",\"gwExtendedErrorCode\":1003"), "pending",
     "in_progress"},
    {"nuvei", "refund", 200, NUVEI_ERROR("1000", "General Error"), "pending", "in_progress"},
    {"nuvei", "refund", 200, NUVEI_ERROR("\"1038\"", "Communication error"), "pending", "in_progress"},
    {"nuvei", "refund", 200, NUVEI_ERROR("0", ""), "pending", "in_progress"},
    {"nuvei", "refund", 200, "{\"status\":\"ERROR\",\"errCode\":5,\"transactionStatus\":\"APPROVED\"}", "pending",
     "in_progress"},
    {"nuvei", "refund", 200, "{\"status\":\"ERROR\",\"errCode\":5,\"transactionStatus\":\"DECLINED\"}", "failure",
     "rejected"},
    {"nuvei", "refund", 200,
     "{\"status\":\"ERROR\",\"errCode\":5,\"transactionStatus\":\"ERROR\",\"gwExtendedErrorCode\":1003}", "pending",
     "in_progress"},
    {"nuvei", "refund", 200, "{\"status\":\"ERROR\"}", "pending", ""},
    {"nuvei", "refund", 400, NUVEI_ERROR("\"1019\"", "DUPLICATE request"), "pending", "duplicate"},
    {"nuvei", "refund", 200, "{\"transactionStatus\":\"APPROVED\",\"transactionId\":\"1\"}", "pending", ""},
    {"nuvei", "refund_sync", 200, NUVEI_REFUND(",\"transactionStatus\":\"APPROVED\""), "pending", ""},
    {"nuvei", "refund_sync", 200, NUVEI_ERROR("1001", "Invalid checksum"), "pending", "rejected"},
    {"nuvei", "refund_sync", 200, NUVEI_ERROR("9146", "No transaction details"), "pending", "absent"},
    {"nuvei", "refund_sync", 200, NUVEI_DETAILS("Sale", ",\"transactionStatus\":\"Approved\""), "pending",
     "in_progress"},
    {"nuvei", "refund_lookup", 200,
     NUVEI_DETAILS("Credit", ",\"transactionStatus\":\"Approved\",\"clientUniqueId\":\"r2\""), "pending",
     "in_progress"},
    {"nuvei", "refund_lookup", 200,
     NUVEI_DETAILS("Credit", ",\"transactionStatus\":\"Approved\",\"relatedTransactionId\":\"pi_2\""), "pending",
     "in_progress"},
    {"nuvei", "refund_lookup", 200,
     NUVEI_DETAILS("Credit", ",\"transactionStatus\":\"Approved\",\"processedAmount\":\"50.00\""), "manual_review",
     "status"},
    {"worldpayvantiv", "refund", 200, CNP(CNP_CREDIT("r1", "363")), "success", "status"},
    {"worldpayvantiv", "refund", 200, CNP(CNP_CREDIT("r2", "363")), "manual_review", "status"},
    {"worldpayvantiv", "refund", 200, CNP(CNP_CREDIT("r1", "370")), "pending", "status"},
    {"worldpayvantiv", "refund", 200, CNP(CNP_CREDIT("r1", "011")), "pending", "status"},
    {"worldpayvantiv", "refund", 200, CNP(CNP_CREDIT("r1", "")), "pending", ""},
    {"worldpayvantiv", "refund", 200,
     "\"<cnpOnlineResponse response='0'><creditResponse><response>363</response>"
     "<cnpTxnId>8</cnpTxnId></creditResponse></cnpOnlineResponse>\"",
     "success", "status"},
    {"worldpayvantiv", "refund", 200, CNP(""), "pending", ""},
    {"worldpayvantiv", "refund", 200, CNP_OUTER("response=\"1\" message=\"System Error - Call Vantiv\"", ""), "pending",
     "in_progress"},
    {"worldpayvantiv", "refund", 200, CNP_OUTER("response=\"1\" message=\"m\"", CNP_CREDIT("r1", "360")), "pending",
     ""},
    {"worldpayvantiv", "refund", 200, CNP_OUTER("response=\"4\" message=\"Connection limit exceeded\"", ""), "pending",
     "refused_before_processing"},
    {"worldpayvantiv", "refund", 200, CNP_OUTER("response=\"3\" message=\"m\"", ""), "failure", "rejected"},
    {"worldpayvantiv", "refund", 200, CNP_OUTER("response=\"7\" message=\"m\"", ""), "pending", ""},
    {"worldpayvantiv", "refund", 200, "<other response=\"1\" message=\"m\"/>", "pending", ""},
    {"worldpayvantiv", "refund_sync", 200, CNP_DECLINED("251"), "pending", "duplicate"},
    {"worldpayvantiv", "refund_sync", 200, CNP_DECLINED("363"), "success", "status"},
    {"worldpayvantiv", "refund_sync", 200, "{\"paymentStatus\":\"PAYMENT_STATUS_NOT_FOUND\"}", "pending", "absent"},
    {"worldpayvantiv", "refund_sync", 200, "{\"paymentStatus\":\"CHARGED_BACK\"}", "pending", "status"},
    {"worldpayvantiv", "refund_sync", 200, "{\"paymentStatus\":\"PROCESSED_SUCCESSFULLY\",\"paymentId\":9}",
     "manual_review", "status"},
    {"worldpayvantiv", "refund_sync", 400, "{\"errors\":[\"bad\"]}", "pending", ""},
    {"worldpayvantiv", "refund_lookup", 200, CNP_FOUND(CNP_CREDIT("r1", "251") CNP_CREDIT("r1", "363")), "success",
     "status"},
    {"worldpayvantiv", "refund_lookup", 200, CNP_FOUND(CNP_CREDIT("r1", "360") CNP_CREDIT("r1", "251")), "pending",
     "duplicate"},
    {"worldpayvantiv", "refund_lookup", 200, CNP_FOUND("<saleResponse><response>000</response></saleResponse>"),
     "pending", ""},
    {"worldpayvantiv", "refund_lookup", 200, CNP_QUERY("154", ""), "pending", "rejected"},
    {"worldpayvantiv", "refund_lookup", 200,
     CNP("<queryTransactionUnavailableResponse><cnpTxnId>8</cnpTxnId>"
         "<response>152</response></queryTransactionUnavailableResponse>"),
     "pending", "in_progress"},
    {"elavon", "refund", 200, CONVERGE("SALE", "<ssl_result>0</ssl_result>"), "pending", "status"},
    {"elavon", "refund", 200, CONVERGE("RETURN", ""), "pending", ""},
    {"elavon", "refund", 200, CONVERGE("RETURN", "<ssl_result>APPROVED</ssl_result>"), "pending", ""},
    {"elavon", "refund", 200, CONVERGE("RETURN", "<ssl_result>0</ssl_result><ssl_transaction_currency/>"), "success",
     "status"},
    {"elavon", "refund", 200,
     CONVERGE("RETURN", "<ssl_result>0</ssl_result><ssl_transaction_currency>CAD</ssl_transaction_currency>"),
     "manual_review", "status"},
    {"elavon", "refund", 200, "<txn><errorCode>3000</errorCode><errorMessage>Error, no response.</errorMessage></txn>",
     "pending", "in_progress"},
    {"elavon", "refund", 200, "<txn><errorCode>4017</errorCode><errorName>Time-Out</errorName></txn>", "pending",
     "in_progress"},
    {"elavon", "refund", 200, "<txn><errorCode>4025</errorCode></txn>", "failure", "rejected"},
    {"elavon", "refund_sync", 200, "<txn><errorCode>4025</errorCode></txn>", "pending", "rejected"},
    {"elavon", "refund_sync", 200, CONVERGE_SYNC("re_1", "VOID", "STL"), "pending", "status"},
    {"elavon", "refund_sync", 200, CONVERGE_SYNC("re_1", "RETURN", "NEW"), "pending", "status"},
    {"elavon", "refund_sync", 200, CONVERGE_SYNC("re_2", "RETURN", "STL"), "manual_review", "status"},
    {"elavon", "refund_sync", 200,
     "<txnlist>" CONVERGE_SYNC("re_2", "RETURN", "PST") CONVERGE_SYNC("re_1", "RETURN", "STL") "</txnlist>", "success",
     "status"},
    {"elavon", "refund_sync", 200, "<html><body>Down for maintenance</body></html>", "pending", ""},
    {"elavon", "refund_sync", 200, "<html><errorCode>4025</errorCode></html>", "pending", ""},
    {"elavon", "refund_sync", 200, "<txnlist><ssl_txn_count>0</ssl_txn_count></txnlist>", "pending", ""},
    {"elavon", "refund_sync", 200, "<txn><errorCode>5040</errorCode></txn>", "pending", "rejected"},
    {"bamboraapac", "refund", 200, SINGLE_REFUND("0", "<Receipt>1</Receipt><DeclinedCode>05</DeclinedCode>"), "pending",
     "status"},
    {"bamboraapac", "refund", 200, SINGLE_REFUND("7", "<Receipt>1</Receipt>"), "pending", "status"},
    {"bamboraapac", "refund", 200, SINGLE_REFUND("0", ""), "pending", "status"},
    {"bamboraapac", "refund", 200, SINGLE_REFUND("", "<Receipt>1</Receipt>"), "pending", ""},
    {"bamboraapac", "refund", 200, SOAP("SubmitSingleRefund", "Invalid login"), "pending", ""},
    {"bamboraapac", "refund", 200,
     SOAP("SubmitSingleRefund", "<![CDATA[<Error><ResponseCode>1</ResponseCode></Error>]]>"), "pending", ""},
    {"bamboraapac", "refund", 200, "<Envelope><Body><Fault><faultcode>Client</faultcode></Fault></Body></Envelope>",
     "pending", ""},
    {"bamboraapac", "refund_sync", 200, QUERY(""), "pending", "absent"},
    {"bamboraapac", "refund_sync", 200, QUERY(TRANSACTION("other", "0")), "pending", ""},
    {"bamboraapac", "refund_sync", 200, QUERY(TRANSACTION("other", "0") TRANSACTION("re_1", "1")), "failure", "status"},
    {"bamboraapac", "refund_lookup", 200, QUERY(TRANSACTION("pi_1", "0")), "pending", "absent"},
    {"bamboraapac", "refund_lookup", 200, QUERY(TRANSACTION("1", "1")), "pending", "in_progress"},
    {"bamboraapac", "refund_lookup", 200, QUERY(TRANSACTION("1", "0") TRANSACTION("2", "0")), "pending", "in_progress"},
    {"bamboraapac", "refund_lookup", 200, QUERY(TRANSACTION("1", "1") TRANSACTION("2", "0") TRANSACTION("pi_1", "0")),
     "success", "status"},
    {"bamboraapac", "refund_lookup", 200, QUERY(TRANSACTION("1", "1") TRANSACTION("2", "7")), "pending", "in_progress"},
    {"bamboraapac", "refund_lookup", 200, QUERY("<Error>Invalid login</Error>"), "pending", ""},
    {"bamboraapac", "refund_lookup", 200, SOAP("QueryTransaction", ""), "pending", ""},
    {"truelayer", "refund", 409, PROBLEM("Concurrency Conflict"), "pending", "in_progress"},
    {"truelayer", "refund", 422, PROBLEM("Idempotency-Key Reuse"), "pending", "duplicate"},
    {"truelayer", "refund", 400, PROBLEM("Something New"), "pending", "in_progress"},
    {"truelayer", "refund", 400, "{\"error\":\"invalid_request\"}", "pending", ""},
    {"truelayer", "refund", 202, "{}", "pending", ""},
    {"truelayer", "refund", 403, PROBLEM("Forbidden"), "failure", "rejected"},
    {"truelayer", "refund_sync", 404, PROBLEM("Not Found"), "pending", "absent"},
    {"truelayer", "refund_sync", 401, PROBLEM("Unauthenticated"), "pending", "rejected"},
    {"truelayer", "refund_sync", 200, OPEN_BANKING("re_1", "500", "reviewed", "r1"), "pending", "status"},
    {"truelayer", "refund_sync", 200, OPEN_BANKING("re_1", "1000", "executed", "r1"), "manual_review", "status"},
    {"truelayer", "refund_lookup", 404, PROBLEM("Not Found"), "pending", "rejected"},
    {"truelayer", "refund_lookup", 200, "{\"items\":[],\"pagination\":{\"next_cursor\":\"abc\"}}", "pending",
     "in_progress"},
    {"truelayer", "refund_lookup", 200, "{\"items\":[{\"id\":\"re_2\",\"status\":\"executed\"}]}", "pending", "absent"},
    {"truelayer", "refund_lookup", 200,
     "{\"items\":[" OPEN_BANKING("re_2", "500", "failed", "r1") "," OPEN_BANKING("re_1", "500", "executed", "r1") "]}",
     "success", "status"},
    {"truelayer", "refund_lookup", 200, "{}", "pending", ""},
    {"rapyd", "refund", 200, RAPYD("ERROR", "ERROR_CREATE_REFUND", ""), "failure", "rejected"},
    {"rapyd", "refund", 400, RAPYD("ERROR", "ERROR_CREATE_PARTIAL_REFUND_NOT_READY", ",\"data\":null"), "failure",
     "rejected"},
    {"rapyd", "refund", 200, RAPYD("ERROR", "REQUEST_UNDER_REVIEW", ""), "pending", "in_progress"},
    {"rapyd", "refund", 400, RAPYD("ERROR", "ERROR_Idempotency_KEY_USED", ""), "pending", "duplicate"},
    {"rapyd", "refund", 200, RAPYD("ERROR", "", ""), "pending", ""},
    {"rapyd", "refund", 200, RAPYD("ERROR", "E", RAPYD_DATA("pi_1", "Completed", "")), "pending", ""},
    {"rapyd", "refund", 200, RAPYD("SUCCESS", "", ""), "pending", ""},
    {"rapyd", "refund", 200, RAPYD("SUCCESS", "", RAPYD_DATA("pi_1", "Created", "")), "pending", "status"},
    {"rapyd", "refund", 200, RAPYD("SUCCESS", "", RAPYD_DATA("pi_1", "Completed", ",\"currency\":\"EUR\"")),
     "manual_review", "status"},
    {"rapyd", "refund", 200, RAPYD("SUCCESS", "", RAPYD_DATA("pi_2", "Completed", "")), "pending", ""},
    {"rapyd", "refund", 200, RAPYD("SUCCESS", "", ",\"data\":{\"id\":\"pi_1\",\"status\":\"Completed\"}"), "pending",
     ""},
    {"rapyd", "refund", 200, "{" RAPYD_REFUND("pi_1", "Completed", "") "}", "pending", ""},
    {"rapyd", "refund_sync", 200, RAPYD("SUCCESS", "", RAPYD_DATA("pi_1", "Cancelled", "")), "failure", "status"},
    {"rapyd", "refund_sync", 400, RAPYD("ERROR", "ERROR_GET_REFUND", ""), "pending", "rejected"},
    {"trustpay", "refund", 200, TRUSTPAY("000.400.030"), "pending", "status"}, /* done in part */
    {"trustpay", "refund", 200, TRUSTPAY("900.100.300"), "pending", "status"},
    {"trustpay", "refund", 200, TRUSTPAY("800.110.100"), "pending", "duplicate"},
    {"trustpay", "refund", 200, TRUSTPAY("800.100.199"), "pending", "status"},
    {"trustpay", "refund", 200, "{\"status\":1,\"description\":\"d\",\"instanceId\":\"re_1\"}", "pending", "status"},
    {"trustpay", "refund", 200, "{\"status\":1,\"instanceId\":\"pi_1\",\"paymentStatus\":\"000.000.000\"}", "pending",
     "status"}, /* the payment's id */
    {"trustpay", "refund", 200, "{\"status\":-1,\"instanceId\":\"re_1\",\"paymentStatus\":\"000.000.000\"}", "pending",
     ""},
    {"trustpay", "refund", 400, "{\"description\":\"d\"}", "pending", ""},
    {"trustpay", "refund", 400, "{\"status\":-1}", "pending", ""},
    {"trustpay", "refund", 400, "{\"errors\":[\"x\"]}", "pending", ""},
    {"trustpay", "refund", 400, "{\"errors\":[{}]}", "pending", ""},
    {"trustpay", "refund", 400, "{\"errors\":[{\"code\":null}]}", "pending", ""},
    {"trustpay", "refund", 400, "{\"errors\":{\"x\":1}}", "pending", ""},
    {"trustpay", "refund_sync", 404, "{\"status\":-1}", "pending", ""},
    {"trustpay", "refund_sync", 404, "{\"status\":-1,\"errors\":[{\"code\":40,\"description\":\"d\"}]}", "pending",
     "absent"},
    {"trustpay", "refund_sync", 404, "<html>", "pending", ""},
    {"trustpay", "refund_sync", 400, "{\"status\":-1,\"errors\":[{\"code\":7}]}", "pending", "rejected"},
    {"redsys", "refund", 200, "{\"errorCode\":\"SIS0042\"}", "failure", "rejected"},
    {"redsys", "refund", 200, "{\"errorCode\":\"SIS0034\"}", "pending", "in_progress"},
    {"redsys", "refund", 200, "{\"errorCode\":\"SIS0051\"}", "pending", "in_progress"},
    {"redsys", "refund", 400, "{\"errorCode\":\"invalid\"}", "pending", ""},
};

static const char accounts[] =
    "{\"accounts\":{"
    "\"rapyd\":{\"connector\":\"rapyd\",\"environment\":\"sandbox\",\"credentials\":{\"access_key\":\"k\","
    "\"secret_key\":\"s\"}},"
    "\"trustpay\":{\"connector\":\"trustpay\",\"environment\":\"sandbox\",\"credentials\":{\"api_key\":\"k\","
    "\"project_id\":\"p\",\"secret_key\":\"s\"}},"
    "\"stripe\":{\"connector\":\"stripe\",\"environment\":\"sandbox\",\"credentials\":{\"api_key\":\"k\"}},"
    "\"reference\":{\"connector\":\"reference\",\"environment\":\"sandbox\",\"base_url\":\"https://example.com\","
    "\"credentials\":{\"api_key\":\"k\"}},"
    "\"braintree\":{\"connector\":\"braintree\",\"environment\":\"sandbox\",\"credentials\":{\"public_key\":\"u\","
    "\"private_key\":\"p\",\"merchant_account_id\":\"M\",\"merchant_config_currency\":\"USD\"}},"
    "\"checkout\":{\"connector\":\"checkout\",\"environment\":\"sandbox\",\"credentials\":{\"api_secret\":\"k\"}},"
    "\"adyen\":{\"connector\":\"adyen\",\"environment\":\"sandbox\",\"credentials\":{\"api_key\":\"k\","
    "\"merchant_account\":\"M\"}},"
    "\"redsys\":{\"connector\":\"redsys\",\"environment\":\"sandbox\",\"credentials\":{\"merchant_id\":\"1\","
    "\"terminal_id\":\"1\",\"sha256_pwd\":\"sq7HjrUOBfKmC576ILgskD5srU870gJ7\"}},"
    "\"paypal\":{\"connector\":\"paypal\",\"environment\":\"sandbox\",\"credentials\":{\"client_id\":\"c\","
    "\"client_secret\":\"s\"}},"
    "\"cybersource\":{\"connector\":\"cybersource\",\"environment\":\"sandbox\",\"credentials\":{\"api_key\":\"k\","
    "\"api_secret\":\"c2VjcmV0\",\"merchant_account\":\"M\"}},"
    "\"authorizedotnet\":{\"connector\":\"authorizedotnet\",\"environment\":\"sandbox\",\"credentials\":{"
    "\"name\":\"n\",\"transaction_key\":\"k\"}},"
    "\"nuvei\":{\"connector\":\"nuvei\",\"environment\":\"sandbox\",\"credentials\":{\"merchant_id\":\"m\","
    "\"merchant_site_id\":\"s\",\"merchant_secret\":\"x\"}},"
    "\"worldpayxml\":{\"connector\":\"worldpayxml\",\"environment\":\"sandbox\",\"credentials\":{\"api_username\":"
    "\"u\","
    "\"api_password\":\"p\",\"merchant_code\":\"M\"}},"
    "\"worldpayvantiv\":{\"connector\":\"worldpayvantiv\",\"environment\":\"sandbox\",\"credentials\":{\"user\":\"u\","
    "\"password\":\"p\",\"merchant_id\":\"M\"}},"
    "\"elavon\":{\"connector\":\"elavon\",\"environment\":\"sandbox\",\"credentials\":{\"ssl_merchant_id\":\"M\","
    "\"ssl_user_id\":\"u\",\"ssl_pin\":\"p\"}},"
    "\"bamboraapac\":{\"connector\":\"bamboraapac\",\"environment\":\"sandbox\",\"credentials\":{\"username\":\"u\","
    "\"password\":\"p\",\"account_number\":\"a\"}},"
    "\"truelayer\":{\"connector\":\"truelayer\",\"environment\":\"sandbox\",\"credentials\":{\"client_id\":\"c\","
    "\"client_secret\":\"s\",\"private_key\":\"cA==\",\"kid\":\"k\"}}}}";

Test(readings, are_never_more_than_the_answer_says) {
  struct place place = place_make();
  place_write(&place, "accounts.json", accounts, 0600);
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    cJSON *line = cJSON_CreateObject();
    cJSON *refund = cJSON_AddObjectToObject(line, "request");
    cJSON_AddStringToObject(refund, "account", answers[i].account);
    cJSON_AddStringToObject(refund, "refund_id", "r1");
    cJSON_AddStringToObject(refund, "connector_transaction_id", "pi_1");
    if (strcmp(answers[i].flow, "refund_sync") == 0) cJSON_AddStringToObject(refund, "connector_refund_id", "re_1");
    cJSON_AddNumberToObject(refund, "refund_amount", 500);
    cJSON_AddNumberToObject(refund, "payment_amount", 1000);
    cJSON_AddStringToObject(refund, "currency", "USD");
    cJSON *response = cJSON_AddObjectToObject(line, "response");
    cJSON_AddNumberToObject(response, "status", answers[i].http_status);
    cJSON_AddStringToObject(response, "body", answers[i].body);
    struct run result =
        run(&place, cJSON_PrintUnformatted(line), "--plugins %s outcome --flow %s", PLUGINS_DIR, answers[i].flow);
    const cJSON *json = json_line(result.out);
    cr_expect_str_eq(json_text(json, "refund_status"), answers[i].refund_status, "%s %d %s: %s", answers[i].account,
                     answers[i].http_status, answers[i].body, result.out);
    cr_expect_str_eq(json_text(json, "reading"), answers[i].reading, "%s %d %s: %s", answers[i].account,
                     answers[i].http_status, answers[i].body, result.out);
    cJSON_Delete(line);
  }
}
