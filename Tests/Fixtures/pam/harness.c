/* Asks libpam what a stack says. Reads lines "service user operation" from standard input and prints one number a line,
 * the result of libpam. The services are files of the directory given as the first argument; the second argument is the
 * password to answer with. */
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *password = "";

static int answer(int count, const struct pam_message **messages, struct pam_response **responses, void *data)
{
    (void)data;
    struct pam_response *made = calloc((size_t)count, sizeof *made);
    if (made == NULL)
        return PAM_BUF_ERR;
    for (int i = 0; i < count; i++)
        if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF || messages[i]->msg_style == PAM_PROMPT_ECHO_ON)
            made[i].resp = strdup(password);
    *responses = made;
    return PAM_SUCCESS;
}

/* Failures are not made slow: there are hundreds of them. */
static void hurry(int status, unsigned microseconds, void *data)
{
    (void)status;
    (void)microseconds;
    (void)data;
}

static int ask(const char *directory, const char *service, const char *user, const char *operation)
{
    struct pam_conv conversation = {answer, NULL};
    pam_handle_t *handle = NULL;
    int result = pam_start_confdir(service, user, &conversation, directory, &handle);
    if (result != PAM_SUCCESS)
        return result;
    pam_set_item(handle, PAM_FAIL_DELAY, (const void *)hurry);
    pam_set_item(handle, PAM_RHOST, "192.0.2.1");
    if (strcmp(operation, "auth") == 0)
        result = pam_authenticate(handle, PAM_SILENT);
    else if (strcmp(operation, "account") == 0)
        result = pam_acct_mgmt(handle, PAM_SILENT);
    else if (strcmp(operation, "session") == 0)
        result = pam_open_session(handle, PAM_SILENT);
    else if (strcmp(operation, "password") == 0)
        result = pam_chauthtok(handle, PAM_SILENT);
    else if (strcmp(operation, "login") == 0) {
        result = pam_authenticate(handle, PAM_SILENT);
        if (result == PAM_SUCCESS)
            result = pam_acct_mgmt(handle, PAM_SILENT);
    } else
        result = -1;
    pam_end(handle, result);
    return result;
}

int main(int argc, char **argv)
{
    char service[256], user[64], operation[16];
    if (argc < 3)
        return 2;
    password = argv[2];
    while (scanf("%255s %63s %15s", service, user, operation) == 3)
        printf("%d\n", ask(argv[1], service, user, operation));
    return 0;
}
